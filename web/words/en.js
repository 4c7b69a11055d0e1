/** The page's words in English. Words in braces stand for what is put in. */

export default {
  "page-language": "Language of this page",

  "start-heading": "A photo goes in, a\u00a0meme comes\u00a0out",
  "start-text": "MemeGen finds the faces, reads their expression and writes a caption that fits.",
  "choose": "Choose a photo",
  "camera": "Take a photo",
  "paste": "Paste",
  "drop-or-paste": "or drop or paste one anywhere on this page",
  "sample": "Try it with a sample",
  "formats": "{kinds}, up to {mebibytes}\u00a0MiB",
  "drop-hint": "Drop the photo",

  "work-heading": "Making your meme",
  "cancel": "Cancel",
  "your-photo": "Your photo",
  "no-preview": "This browser can’t show this photo. MemeGen may still read it.",
  "photo-sent": "Photo sent",
  "meme-awaited": "Waiting for the meme",
  "wake-up": "After a quiet spell the first meme takes some seconds longer: it wakes the server up.",

  "preparing": "Getting the photo ready…",
  "sending": "Sending the photo…",
  "part-sent": "{percent} sent",
  "sent": "Sent. Waiting for the answer…",
  "waiting": "Waiting for the photo to arrive…",
  "working": "The photo is there. Making the meme…",
  "still-unreachable": "MemeGen can’t be reached just now. Still trying…",
  "still-busy": "The server is busy. Still trying…",
  "still-too-many": "Too many requests came from your network. Still trying…",
  "cancelled": "Cancelled.",
  "cancelled-and-deleted": "Cancelled. The photo is deleted.",

  "result-heading": "Your meme is ready",
  "ready": "The meme: {alt}",
  "no-face": "No face found, so the caption would fit anyone.",
  "one-face": "Expression read: {expression}, {percent} sure.",
  "several-faces": "Expressions read, largest face first: {list}.",
  "face-in-list": "{expression} ({percent} sure)",
  "face": "Face {number}",
  "show-faces": "Show what was read",

  "memes": "Memes of this photo",
  "earlier": "Earlier",
  "later": "Later",
  "place": "{number} of {count}",
  "place-said": "Meme {number} of {count}: {alt}",

  "another-caption": "Another caption",
  "download": "Download",
  "share": "Share",
  "copy": "Copy picture",
  "copied": "The picture is copied.",
  "making": "Making another one…",
  "next-ready": "The next meme is ready: {alt}",

  "change-heading": "Make it yours",
  "expression": "Expression",
  "as-read": "As read",
  "anger": "anger",
  "disgust": "disgust",
  "fear": "fear",
  "happiness": "happiness",
  "neutral": "neutral",
  "sadness": "sadness",
  "surprise": "surprise",
  "caption-language": "Caption’s language",
  "style": "Style",
  "style auto": "Let MemeGen choose",
  "style classic": "Classic",
  "style bar": "Bar",
  "style bubble": "Speech bubble",
  "style labels": "Labels",
  "style subtitle": "Film subtitle",
  "style zoom": "Zoom",
  "own-text": "Your own text",
  "own-text-hint": "The first line goes to the top, the rest to the bottom. Leave it empty for a caption by MemeGen.",
  "make": "Make this meme",

  "new-photo": "New photo",
  "delete": "Delete photo and memes",
  "confirm-heading": "Delete the photo and its memes?",
  "confirm-text": "They are deleted at once and can’t be brought back.",
  "confirm-delete": "Delete now",
  "keep": "Keep them",
  "deleting": "Deleting…",
  "deleted": "The photo and everything made from it are deleted.",

  "recent-keep": "Remember my memes on this device for seven days",
  "recent-hint": "Only their addresses are kept, no pictures. Whoever uses this device can then see and delete these memes.",
  "recent-forget": "Forget these",

  "received-heading": "Make a meme of this photo?",
  "received-text": "Another app shared it with MemeGen. It is still on this device only.",
  "received-make": "Make a meme",
  "received-discard": "Don’t use it",

  "footer-heading": "What happens with your photo",
  "footer-text": "The photo is deleted by itself within about two days, the meme within about eight days; “Delete "
    + "photo and memes” deletes all of them at once. The meme carries none of the photo’s place or camera data. "
    + "This page’s full address, with the part after the #, opens your meme: share it only with people who may see "
    + "and delete it. No cookies, no tracking.",

  "failure-heading": "That didn’t work",
  "try-again": "Try again",
  "keep-waiting": "Keep waiting",
  "look-again": "Look again",

  // What went wrong in the page or on the way, by its code.
  "failure unreachable": "MemeGen can’t be reached. Check your connection, then try again.",
  "failure upload-failed": "The storage did not take the photo, and a fresh upload link did not help. "
    + "Check your connection, then try again.",
  "failure busy": "The server is busy. Wait a moment, then try again.",
  "failure too-many-requests": "Too many requests came from your network. Wait a minute, then try again.",
  "failure slow": "The meme isn’t ready after two minutes. It may still come: keep waiting, or try another photo.",
  "failure no-photo": "There is no photo at this address. Its upload broke off, or it has been deleted. "
    + "Choose the photo again.",
  "failure meme-unreadable": "The meme is made, but it can’t be fetched. Try again in a moment.",
  "failure nothing-to-paste": "There is no picture in the clipboard that this page may read. Copy a picture first, "
    + "or choose a photo.",
  "failure not-copied": "This browser didn’t let the picture be copied. Download it instead.",
  "failure not-shared": "This device didn’t let the picture be shared. Download it instead.",
  "failure page-fault": "Something went wrong in this page. Reload it, then try again.",
  "failure empty-file": "The file is empty. Send a {kinds} photo.",
  "failure other-format": "This is a file of the kind {kind}, which MemeGen can’t read. Send a {kinds} photo.",

  // What is wrong with the photo or with a meme, by the code that the api answers with.
  "failure not-an-image": "This file is not an image, or not of a kind that MemeGen knows. Send a {kinds} photo.",
  "failure unsupported-format": "MemeGen can’t read this kind of file. Send a {kinds} photo.",
  "failure too-many-bytes": "The photo is larger than {mebibytes} MiB, which is the limit. Send a smaller copy of it.",
  "failure too-many-pixels": "The photo has too many pixels. Up to {megapixels} megapixels can be read, and more of "
    + "an ordinary JPEG. Send a smaller copy of it.",
  "failure damaged-image": "The photo is damaged or cut off and can’t be read. Send the original again.",
  "failure bad-option": "MemeGen can’t make a meme like this. If you wrote a text of your own, use at most {characters} "
    + "characters of a script that MemeGen can draw.",
  "failure gave-up": "MemeGen couldn’t make a meme of this photo. Try another one.",
  "failure photo-gone": "The photo of this meme is no longer there: it was deleted, or its time is over. Send it again.",
  "failure too-many-remixes": "This photo has had its {remixes} further memes, which is the most. Send it again to make more.",
  "failure not-found": "This is not the address of a meme. Choose a photo.",
};
