"""The local project as plain data: buckets, accounts and what they may do, CORS lists, the trigger.

What `infra/` sets up in Google Cloud stands here for the local stack, in Cloud Storage's own terms.
"""

from typing import Any

from infra.local.config import permissions
from memegen.contract import SIGNED_UPLOAD_HEADERS

PROJECT = "memegen-local"
UPLOADS = "memegen-uploads"
MEMES = "memegen-memes"
BUCKETS = (UPLOADS, MEMES)

TRIGGER_BUCKET = UPLOADS
"""The one bucket whose finalize events go to on_upload."""

_NAMES = {"uploads": UPLOADS, "memes": MEMES, "signing": "signing"}
"""What permissions.json's parts are called here."""

ACCOUNTS: permissions.Permissions = {
    **{
        account: {_NAMES[part]: allowed for part, allowed in parts.items()}
        for account, parts in permissions.granted().items()
    },
    "developer": {UPLOADS: permissions.EVERYTHING, MEMES: permissions.EVERYTHING},
}
"""Account name → bucket or account → permissions: the deployment's, and the developer's, who owns it all."""


def email(account: str) -> str:
    return f"{account}@{PROJECT}.iam.gserviceaccount.com"


def cors(page_origin: str) -> dict[str, list[dict[str, Any]]]:
    """Bucket → CORS list in the shape of Cloud Storage's bucket resource."""
    return {
        UPLOADS: [
            {
                "origin": [page_origin],
                "method": ["PUT"],
                "responseHeader": list(SIGNED_UPLOAD_HEADERS),
                "maxAgeSeconds": 3600,
            }
        ],
        MEMES: [
            {
                "origin": [page_origin],
                "method": ["GET", "HEAD"],
                "responseHeader": ["Content-Type", "Content-Disposition"],
                "maxAgeSeconds": 3600,
            }
        ],
    }
