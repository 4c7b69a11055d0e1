"""What each account may do here: what is allowed by the roles that it has in the deployment.

permissions.json lists these roles: account → bucket or account → roles. It uses the names of the deployment.
`python -m tests.support.provider.offline` writes it from Terraform's plan, so a role that is missing there is
missing here too.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

FILE = Path(__file__).parent / "permissions.json"

ROLES: dict[str, frozenset[str]] = {
    "roles/storage.objectCreator": frozenset({"storage.objects.create"}),
    "roles/storage.objectViewer": frozenset({"storage.objects.get", "storage.objects.list"}),
    "roles/storage.objectUser": frozenset(
        f"storage.objects.{verb}" for verb in ("create", "delete", "get", "list", "update")
    ),
    "roles/iam.serviceAccountTokenCreator": frozenset({"iam.serviceAccounts.signBlob"}),
}
"""Google's predefined roles, with only those permissions that the local cloud checks.

https://cloud.google.com/storage/docs/access-control/iam-roles and .../iam/docs/roles-permissions/iam
"""

EVERYTHING = frozenset().union(*ROLES.values()) | {"storage.buckets.get", "storage.buckets.list"}
"""All permissions, which the owner of a project has."""

Permissions = Mapping[str, Mapping[str, frozenset[str]]]
"""Account → bucket or account → permissions."""


def granted(file: Path = FILE) -> Permissions:
    """The file's roles as permissions. Raises ValueError for a role that is not in ROLES."""
    accounts = json.loads(file.read_text())
    return {
        account: {part: allowed_by(roles) for part, roles in parts.items()}
        for account, parts in accounts.items()
    }


def allowed_by(roles: Iterable[str]) -> frozenset[str]:
    """Everything that these roles allow together. Raises ValueError for a role that is not in ROLES."""
    unknown = sorted(set(roles) - set(ROLES))
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)} is not known to the local cloud. Add what it allows to ROLES in "
            "infra/local/config/permissions.py."
        )
    return frozenset().union(*(ROLES[role] for role in roles))
