"""Runs Terraform on a copy of the configuration, with the stand-in providers and without a network.

`python -m tests.support.provider.offline` writes the roles that the plan gives the functions' accounts into
infra/local/storage/permissions.json, which the local cloud enforces. It needs `make setup-infra`.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from infra.tools.package import write_archive

ROOT = Path(__file__).parents[3]
ENVIRONMENT = ROOT / ".venv-infra"
TERRAFORM_RC = ENVIRONMENT / "terraform" / "terraform.rc"
PROJECT = "memes-4711"
PERMISSIONS = ROOT / "infra" / "local" / "storage" / "permissions.json"

_LOCAL_ACCOUNTS = ("api", "on-upload", "signing")
_TIME_LIMIT_SECONDS = 90


class TerraformError(Exception):
    """Terraform refused; the message is what it said on stderr."""


def missing() -> str | None:
    """What these functions need and don't find, in one sentence."""
    return None if TERRAFORM_RC.exists() else "the stand-in providers aren't set up; run: make setup-infra"


def copy_configuration(target: Path, archive: bytes | None = b"stands for the functions' archive") -> Path:
    """Copies the configuration and what it reads, with an archive unless that's None; returns its folder.

    backend.tf stays behind: state needs no bucket here, and no `terraform init`.
    """
    folder = target / "infra" / "terraform"
    (folder / "tests").mkdir(parents=True)
    for file in (ROOT / "infra" / "terraform").glob("*.tf"):
        if file.name != "backend.tf":
            shutil.copy(file, folder)
    for file in (ROOT / "infra" / "terraform" / "tests").glob("*.tftest.hcl"):
        shutil.copy(file, folder / "tests")
    shutil.copytree(ROOT / "web", target / "web")
    (target / "functions" / "cloud").mkdir(parents=True)
    shutil.copy(ROOT / "functions" / "cloud" / "signing.py", target / "functions" / "cloud")
    (target / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "runbook.md", target / "docs")
    if archive is not None:
        write_archive(archive, target / "build")
    return folder


def terraform(folder: Path, *arguments: str) -> str:
    """Terraform's output on stdout. Raises TerraformError if it fails."""
    environment = {
        **os.environ,
        "TF_CLI_CONFIG_FILE": str(TERRAFORM_RC),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "PYTHONPATH": str(ROOT),
    }
    ended = subprocess.run(
        [*_command(), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIME_LIMIT_SECONDS,
    )
    if ended.returncode != 0:
        raise TerraformError(ended.stderr)
    return ended.stdout


def _command() -> list[str]:
    """The terraform in the PATH, or else the one that came from PyPI."""
    found = shutil.which("terraform")
    return (
        [found] if found else [str(ENVIRONMENT / "bin" / "python"), "-m", "tests.support.provider.terraform"]
    )


def plan(folder: Path, **variables: object) -> dict[str, Any]:
    """The plan in Terraform's JSON: https://developer.hashicorp.com/terraform/internals/json-format

    Raises TerraformError.
    """
    (folder / "offline.auto.tfvars.json").write_text(json.dumps({"project_id": PROJECT, **variables}))
    terraform(folder, "plan", "-input=false", "-no-color", "-out=plan.bin")
    result: dict[str, Any] = json.loads(terraform(folder, "show", "-json", "plan.bin"))
    return result


def resources(plan: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Address → planned values of the resources of one type. What only apply will tell is left out."""
    found = plan["planned_values"]["root_module"]["resources"]
    return {each["address"]: each["values"] for each in found if each["type"] == kind}


def local_permissions(plan: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Account → bucket or account → roles, of the accounts that the local cloud has too."""
    granted: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    grants = [
        (each["member"], each["bucket"], each["role"])
        for each in resources(plan, "google_storage_bucket_iam_member").values()
    ] + [
        (each["member"], each["service_account_id"].partition("@")[0], each["role"])
        for each in resources(plan, "google_service_account_iam_member").values()
    ]
    name = plan["variables"]["name"]["value"]
    for member, part, role in sorted(grants):
        account = member.partition("@")[0].removeprefix(f"serviceAccount:{name}-")
        if account in _LOCAL_ACCOUNTS:
            granted[account][part.rpartition("-")[2]].append(role)
    return {account: dict(sorted(parts.items())) for account, parts in sorted(granted.items())}


def main() -> None:
    if (lacking := missing()) is not None:
        raise SystemExit(f"The plan can't be made: {lacking}.")
    with tempfile.TemporaryDirectory() as folder:
        permissions = local_permissions(plan(copy_configuration(Path(folder))))
    PERMISSIONS.write_text(json.dumps(permissions, indent=2) + "\n")


if __name__ == "__main__":
    main()
