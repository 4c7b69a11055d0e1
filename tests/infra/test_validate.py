"""Terraform's own checks and checkov's on the configuration, and that the stand-in provider sees mistakes."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.provider.offline import ENVIRONMENT, PROJECT, ROOT, TerraformError, terraform

CONFIGURATION = ROOT / "infra" / "terraform"
CHECKOV = ENVIRONMENT / "bin" / "checkov"


def test_configuration_is_valid(configuration: Path):
    assert json.loads(terraform(configuration, "validate", "-json"))["error_count"] == 0


def test_configuration_is_formatted(terraform_ready: None):
    assert terraform(ROOT / "infra", "fmt", "-check", "-diff", "-recursive") == ""


def test_every_variable_refuses_bad_values(configuration: Path):
    assert re.search(r"Success! \d+ passed, 0 failed\.", terraform(configuration, "test", "-no-color"))
    tested = (CONFIGURATION / "tests" / "variables.tftest.hcl").read_text()
    declared = [
        (folder / "variables.tf").read_text() for folder in (CONFIGURATION, CONFIGURATION / "memegen")
    ]
    blocks = [block for text in declared for block in text.split('\nvariable "')]
    for block in [block for block in blocks if "validation {" in block]:
        name = block.removeprefix('variable "').partition('"')[0]
        assert re.search(rf"expect_failures = [^\]]*\bvar\.{name}\b", tested), name


@pytest.mark.parametrize(
    ("file", "right", "wrong", "complaint"),
    [
        (
            "buckets.tf",
            "max_age_seconds = 3600",
            "max_age = 3600",
            'An argument named "max_age" is not expected here',
        ),
        ("buckets.tf", "  location                    = var.region\n", "", '"location" is required'),
        (
            "buckets.tf",
            "soft_delete_policy {",
            "soft_delete {",
            'Blocks of type "soft_delete" are not expected',
        ),
        (
            "buckets.tf",
            "duration_seconds = 0",
            'duration_seconds = "a week"',
            'Inappropriate value for attribute "retention_duration_seconds"',
        ),
        (
            "buckets.tf",
            "  versioning {\n    enabled = false\n  }\n",
            "  versioning {}\n",
            '"enabled" is required',
        ),
        ("functions.tf", '"ANY"', '"ANYTHING"', "'ANYTHING' is not a value of tag_state"),
        ("loadbalancer.tf", '"TLS_1_2"', '"TLS_1_9"', "'TLS_1_9' is not a value of min_tls_version"),
        (
            "functions.tf",
            "  service_config {\n",
            "  service_config {}\n  service_config {\n",
            "Too many service_config",
        ),
        ("accounts.tf", "project_iam_member", "project_iam_grant", "Invalid resource type"),
        ("site.tf", "service_config[0].uri", "service_config[0].address", "Unsupported attribute"),
        (
            "monitoring.tf",
            '"condition_matched_log" {',
            '"condition_log" {',
            '"condition_log" are not expected',
        ),
        ("direct.tf", 'payload_format = "JSON_API_V1"', "", '"payload_format" is required'),
    ],
)
def test_stand_in_provider_sees_a_mistake(
    configuration: Path, file: str, right: str, wrong: str, complaint: str
):
    path = configuration / "memegen" / file
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong))
    with pytest.raises(TerraformError) as refused:
        terraform(configuration, "validate", "-no-color")
    assert complaint in " ".join(str(refused.value).split())


def test_stand_in_provider_deploys_nothing(configuration: Path):
    arguments = ("-input=false", "-auto-approve", f"-var=project_id={PROJECT}")
    with pytest.raises(TerraformError, match="with no cloud behind it: it can only plan"):
        terraform(configuration, "apply", "-no-color", *arguments)


def test_checkov_finds_nothing_but_explained_exceptions(terraform_ready: None):
    command = [CHECKOV, "--directory", "infra/terraform", "--framework", "terraform"]
    options = ["--compact", "--skip-download", "--output", "json", "--skip-path", "infra/terraform/examples"]
    ended = subprocess.run(
        [*command, *options], cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )
    found = json.loads(ended.stdout)
    assert found["results"]["parsing_errors"] == []
    assert found["summary"]["resource_count"] > 50
    failed = [(each["check_id"], each["resource"]) for each in found["results"]["failed_checks"]]
    assert failed == []
    # An exception that no check asks for any more would only hide a later one.
    written = sorted(
        re.findall(
            r"#checkov:skip=(\w+):(\S.{20,})",
            "".join(path.read_text() for path in CONFIGURATION.rglob("*.tf")),
        )
    )
    used = sorted(
        (each["check_id"], each["check_result"]["suppress_comment"])
        for each in found["results"]["skipped_checks"]
    )
    assert written == used
