"""Lays out the stand-in providers: `.venv-infra/bin/python -m tests.support.provider`.

Writes into the environment's folder `terraform` each provider's schema and launcher, and terraform.rc, which
tells Terraform to use them: TF_CLI_CONFIG_FILE=.venv-infra/terraform/terraform.rc.
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.support.provider.schema import KINDS, read_schemas

ROOT = Path(__file__).parents[3]
PROVIDERS = ("google", "time")


def main() -> None:
    folder = Path(sys.prefix) / "terraform"
    folder.mkdir(exist_ok=True)
    for provider in PROVIDERS:
        schemas: dict[str, dict[str, object]] = {kind: {} for kind in KINDS.values()}
        for kind, name, block in read_schemas(_package(provider)):
            schemas[kind][name] = block
        schema = folder / f"{provider}.json"
        schema.write_text(json.dumps(schemas))
        launcher = folder / f"terraform-provider-{provider}"
        launcher.write_text(
            "#!/bin/sh\n"
            f"PYTHONPATH='{ROOT}' exec '{sys.prefix}/bin/python' "
            f"-m tests.support.provider.plugin '{schema}'\n"
        )
        launcher.chmod(0o755)
        print(f"{provider}: {len(schemas['resource'])} resources, {len(schemas['data'])} data sources")
    overrides = "".join(f'    "hashicorp/{provider}" = "{folder}"\n' for provider in PROVIDERS)
    (folder / "terraform.rc").write_text(
        f"provider_installation {{\n  dev_overrides {{\n{overrides}  }}\n}}\n"
    )


def _package(provider: str) -> Path:
    """The archive of generated classes that cdktn-provider-… carries."""
    spec = find_spec(f"cdktn_provider_{provider}")
    if spec is None or spec.origin is None:
        raise SystemExit(f"cdktn-provider-{provider} is not installed here; run: make setup-infra")
    (archive,) = (Path(spec.origin).parent / "_jsii").glob("*.jsii.tgz")
    return archive


if __name__ == "__main__":
    main()
