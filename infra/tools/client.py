"""The storage client of these commands, which uses the caller's own credentials."""

from google.api_core.client_options import ClientOptions
from google.cloud import storage


def storage_client(endpoint: str | None) -> storage.Client:
    """A client with the application default credentials; `endpoint` is a storage API's base URL, None for
    Google's. Raises google.auth.exceptions.DefaultCredentialsError where there are no credentials."""
    options = ClientOptions(api_endpoint=endpoint) if endpoint else None
    return storage.Client(project=None, client_options=options)  # objects need no project
