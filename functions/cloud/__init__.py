"""All that knows Google Cloud: settings, names, storage, signing, events, the two functions' work."""
