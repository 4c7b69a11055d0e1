"""The local project as plain data: buckets, accounts and their permissions, CORS lists, and the trigger.

This is what infra/terraform sets up in Google Cloud, in the terms of Cloud Storage.
"""

from typing import Any

from infra.local.config import permissions
from memegen.contract import SIGNED_UPLOAD_HEADERS

PROJECT = "memegen-local"
UPLOADS = "memegen-uploads"
MEMES = "memegen-memes"
BUCKETS = (UPLOADS, MEMES)

TRIGGER_BUCKET = UPLOADS
"""The bucket whose finalize events go to on_upload; the other bucket sends none."""

_NAMES = {"uploads": UPLOADS, "memes": MEMES, "signing": "signing"}
"""Name in permissions.json → name here."""

ACCOUNTS: permissions.Permissions = {
    **{
        account: {_NAMES[part]: allowed for part, allowed in parts.items()}
        for account, parts in permissions.granted().items()
    },
    "developer": {UPLOADS: permissions.EVERYTHING, MEMES: permissions.EVERYTHING},
}
"""Account name → bucket or account → permissions. The developer, who owns the project, may do everything."""


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
