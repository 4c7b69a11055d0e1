"""The local project as plain data: buckets, accounts and their roles, CORS lists, the trigger.

What `infra/` sets up in Google Cloud stands here for the local stack, in Cloud Storage's own terms.
"""

from typing import Any

PROJECT = "memegen-local"
UPLOADS = "memegen-uploads"
MEMES = "memegen-memes"
BUCKETS = (UPLOADS, MEMES)

TRIGGER_BUCKET = UPLOADS
"""The one bucket whose finalize events go to on_upload."""

_OBJECT_USER = frozenset(f"storage.objects.{verb}" for verb in ("create", "delete", "get", "list", "update"))

ROLES: dict[str, frozenset[str]] = {
    "roles/storage.objectCreator": frozenset({"storage.objects.create"}),
    "roles/storage.objectViewer": frozenset({"storage.objects.get", "storage.objects.list"}),
    "roles/storage.objectUser": _OBJECT_USER,
    "roles/storage.admin": _OBJECT_USER | {"storage.buckets.get", "storage.buckets.list"},
}
"""Predefined roles of Cloud Storage, cut down to the permissions the gateway knows."""

ACCOUNTS: dict[str, dict[str, str]] = {
    "on-upload": {UPLOADS: "roles/storage.objectViewer", MEMES: "roles/storage.objectUser"},
    "api": {UPLOADS: "roles/storage.objectUser", MEMES: "roles/storage.objectUser"},
    "signing": {UPLOADS: "roles/storage.objectCreator", MEMES: "roles/storage.objectViewer"},
    "developer": {UPLOADS: "roles/storage.admin", MEMES: "roles/storage.admin"},
}
"""Account name → bucket → role."""


def email(account: str) -> str:
    return f"{account}@{PROJECT}.iam.gserviceaccount.com"


def cors(page_origin: str) -> dict[str, list[dict[str, Any]]]:
    """Bucket → CORS list in the shape of Cloud Storage's bucket resource."""
    upload_headers = [
        "Content-Type",
        "x-goog-content-length-range",
        "x-goog-if-generation-match",
        "x-goog-meta-options",
    ]
    return {
        UPLOADS: [
            {
                "origin": [page_origin],
                "method": ["PUT"],
                "responseHeader": upload_headers,
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
