"""Runs Terraform on a copy of the configuration, with the stand-in providers and without a network.

`python -m tests.support.provider.offline` writes the roles that the plan gives the functions' accounts into
infra/local/config/permissions.json, which the local cloud enforces. It needs `make setup-infra`.
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
MODULE = "memegen"
PERMISSIONS = ROOT / "infra" / "local" / "config" / "permissions.json"

_LOCAL_ACCOUNTS = ("api", "on-upload", "signing", "sweep")
_TIME_LIMIT_SECONDS = 600


class TerraformError(Exception):
    """Terraform refused; the message is what it said on stderr."""


def missing() -> str | None:
    """What these functions need and don't find, in one sentence."""
    return None if TERRAFORM_RC.exists() else "the stand-in providers aren't set up; run: make setup-infra"


def copy_configuration(target: Path, archive: bytes | None = b"stands for the functions' archive") -> Path:
    """Copies the configuration and what it reads, with an archive unless that's None; returns the root.

    It leaves out what git ignores and backend.tf, so that the state is a file and needs no `terraform init`.
    """
    folder = target / "infra" / "terraform"
    ignored = shutil.ignore_patterns("backend.tf", ".terraform*", "*.tfstate*", "*.tfvars*")
    shutil.copytree(ROOT / "infra" / "terraform", folder, ignore=ignored)
    shutil.copytree(ROOT / "web", target / "web")
    (target / "functions" / "memegen").mkdir(parents=True)
    shutil.copy(ROOT / "functions" / "memegen" / "contract.json", target / "functions" / "memegen")
    if archive is not None:
        write_archive(archive, target / "build")
    find_modules(folder)
    return folder


def find_modules(folder: Path) -> None:
    """Has Terraform note which modules a root and its tests call; needed again once a test is added."""
    terraform(folder, "get")


def terraform(folder: Path, *arguments: str, **variables: str) -> str:
    """Terraform's output on stdout; `variables` are of the environment. Raises TerraformError if it fails."""
    environment = {
        **os.environ,
        **variables,
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


def plan(folder: Path, *options: str, **variables: object) -> dict[str, Any]:
    """The plan in Terraform's JSON: https://developer.hashicorp.com/terraform/internals/json-format

    `options` are of terraform plan. Raises TerraformError.
    """
    _set(folder, variables)
    terraform(folder, "plan", "-input=false", "-no-color", "-out=plan.bin", *options)
    result: dict[str, Any] = json.loads(terraform(folder, "show", "-json", "plan.bin"))
    return result


def apply(folder: Path, **variables: object) -> None:
    """Writes terraform.tfstate as a deployment would, with made-up values for what only a cloud could tell.

    Raises TerraformError.
    """
    _set(folder, variables)
    terraform(folder, "apply", "-input=false", "-no-color", "-auto-approve", STAND_IN_PROVIDER_APPLIES="1")


def apply_plan(folder: Path) -> None:
    """Applies what `plan` has planned last, as `apply` does. Raises TerraformError."""
    terraform(folder, "apply", "-input=false", "-no-color", "plan.bin", STAND_IN_PROVIDER_APPLIES="1")


def _set(folder: Path, variables: dict[str, object]) -> None:
    (folder / "offline.auto.tfvars.json").write_text(json.dumps({"project_id": PROJECT, **variables}))


def planned(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """The resources that the module `memegen` plans, with their addresses in it.

    Their values lack what only apply will tell. Raises ValueError if anything lies beside the module.
    """
    root = plan["planned_values"]["root_module"]
    (module,) = root["child_modules"]
    if module["address"] != f"module.{MODULE}" or "resources" in root or "child_modules" in module:
        raise ValueError(f"The plan holds more than the module {MODULE}.")
    return [
        {**each, "address": each["address"].removeprefix(f"{module['address']}.")}
        for each in module["resources"]
    ]


def written(plan: dict[str, Any]) -> dict[str, Any]:
    """The module `memegen` as it is written: its resources without count or for_each, and its variables."""
    module: dict[str, Any] = plan["configuration"]["root_module"]["module_calls"][MODULE]["module"]
    return module


def resources(plan: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Address in the module → planned values, of the resources of one type."""
    return {each["address"]: each["values"] for each in planned(plan) if each["type"] == kind}


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
