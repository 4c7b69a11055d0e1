"""The functions' archive in the plan: its hash is in its name, and without one there's a sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.tools.package import write_archive
from tests.support.provider import offline
from tests.support.provider.offline import TerraformError, resources


def deployed(plan: dict[str, Any]) -> set[str]:
    """The archives that the functions are built of."""
    return {
        function["build_config"][0]["source"][0]["storage_source"][0]["object"]
        for function in resources(plan, "google_cloudfunctions2_function").values()
    }


def test_both_functions_are_built_of_the_archive_named_by_its_hash(plan: dict[str, Any]):
    # printf "stands for the functions' archive" | sha256sum
    (name,) = deployed(plan)
    assert name == "functions-ea1e5b3fa429639a.zip"
    (archive,) = [
        each
        for address, each in resources(plan, "google_storage_bucket_object").items()
        if address.startswith("google_storage_bucket_object.archive")
    ]
    assert (archive["name"], archive["bucket"]) == (name, "memegen-memes-4711-source")
    assert archive["source"].endswith(f"/build/{name}")
    assert archive["deletion_policy"] == "ABANDON"


def test_other_sources_change_the_functions_and_nothing_else(plan: dict[str, Any], configuration: Path):
    write_archive(b"other sources", configuration.parents[1] / "build")
    other = offline.plan(configuration)
    (old,), (new,) = deployed(plan), deployed(other)
    before, after = (json.dumps(each["planned_values"], sort_keys=True) for each in (plan, other))
    assert old != new
    assert before.replace(old, new) == after


def test_without_an_archive_the_plan_says_what_to_do(tmp_path: Path, terraform_ready: None):
    folder = offline.copy_configuration(tmp_path, archive=None)
    with pytest.raises(TerraformError) as refused:
        offline.plan(folder)
    assert "There is no archive of the functions to deploy. Make it first: make package" in flat(refused)


def test_an_archive_that_is_not_what_its_name_says_is_refused(configuration: Path):
    (archive,) = (configuration.parents[1] / "build").glob("*.zip")
    archive.write_bytes(b"half of it")
    with pytest.raises(TerraformError) as refused:
        offline.plan(configuration)
    assert "doesn't hold what its name says. Make it again: make package" in flat(refused)


def test_an_older_archive_is_rolled_back_to_without_a_build(tmp_path: Path, terraform_ready: None):
    folder = offline.copy_configuration(tmp_path, archive=None)
    plan = offline.plan(folder, archive="functions-0123456789abcdef.zip")
    assert deployed(plan) == {"functions-0123456789abcdef.zip"}
    assert "google_storage_bucket_object.archive[0]" not in resources(plan, "google_storage_bucket_object")


def flat(refused: pytest.ExceptionInfo[TerraformError]) -> str:
    """Terraform's message without its line ends and frame."""
    return " ".join(str(refused.value).replace("│", " ").split())
