"""An installation's life: what is switched on later, renamed, made again, rolled back or destroyed beside it.

The stand-in provider applies and replaces as the real one does. After every step the running path must still
stand as it was: photos go in, events reach on_upload, memes come out. docs/life-cycle.md says what each does.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.stack.stack import ROOT
from infra.tools.package import write_archive
from tests.support.provider import offline

MODULE = "module.memegen."
RUNNING_PATH = re.compile(
    r"google_(storage_bucket\.|cloudfunctions2_function\.|cloud_scheduler_job\.|service_account\."
    r"|project_iam_member\.|storage_bucket_iam_member\.account|service_account_iam_member\."
    r"|cloud_run_v2_service_iam_member\.|artifact_registry_repository)"
)

PAGE = (ROOT / "docs" / "life-cycle.md").read_text()
SAID = dict(re.findall(r"^\| ([^|]+) \| (Plan: [^|]+|No changes\.) \|", PAGE, re.M))
"""Step → the summary line of its plan, as the page has it."""

Plan = dict[str, Any]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, terraform_ready: None) -> Path:
    """An installation with nothing but its project, which later steps change."""
    folder = offline.copy_configuration(tmp_path_factory.mktemp("installed"))
    assert summary(offline.plan(folder)) == SAID["install"]
    offline.apply_plan(folder)
    return folder


@pytest.fixture
def another(installed: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the fresh installation's configuration, with a state of its own."""
    folder = offline.copy_configuration(tmp_path)
    (folder / "terraform.tfstate").write_text(FRESH[installed])
    yield folder


FRESH: dict[Path, str] = {}


@pytest.fixture(autouse=True, scope="module")
def _fresh_state(installed: Path) -> None:
    FRESH[installed] = (installed / "terraform.tfstate").read_text()


def changed(plan: Plan, action: str) -> set[str]:
    """Addresses in the module that an action befalls; "delete" is also a part of a replacement."""
    return {
        each["address"].removeprefix(MODULE)
        for each in plan["resource_changes"]
        if each["mode"] == "managed" and action in each["change"]["actions"]
    }


def summary(plan: Plan) -> str:
    """Terraform's last line about a plan, less the page's files, which come and go with each release."""
    add, change, destroy = (
        sum(not address.startswith("google_storage_bucket_object.page[") for address in changed(plan, action))
        for action in ("create", "update", "delete")
    )
    if not (add or change or destroy):
        return "No changes."
    return f"Plan: {add} to add, {change} to change, {destroy} to destroy."


def lost(plan: Plan) -> set[str]:
    """What is taken away from the running path, if only for a moment."""
    return {address for address in changed(plan, "delete") if RUNNING_PATH.match(address)}


def test_a_second_plan_changes_nothing(another: Path):
    plan = offline.plan(another)
    assert {each["change"]["actions"][0] for each in plan["resource_changes"]} == {"no-op"}
    assert summary(plan) == SAID["plan again"]


CALLER = 'google_cloud_run_v2_service_iam_member.caller["{}"]'
OPTIONS: list[tuple[str, dict[str, object], str, set[str]]] = [
    (
        "alerts by e-mail on",
        {"notify_email": "ann@example.com"},
        "google_monitoring_notification_channel.email[0]",
        set(),
    ),
    (
        "budget on",
        {"billing_account": "012345-6789AB-CDEF01", "monthly_budget": 20},
        "google_billing_budget.month[0]",
        set(),
    ),
    (
        "domain on, first step",
        {"domain": "memes.example.com"},
        "google_compute_global_forwarding_rule.https[0]",
        set(),
    ),
    ("domain on, second step", {"domain_live": True}, "", set()),
    (
        "direct use and report topic on",
        {"report_topic": True, "uploaders": ["user:a@example.com"], "readers": ["user:a@example.com"]},
        "google_storage_notification.reports[0]",
        set(),
    ),
    (
        "larger sizes, longer terms, labels",
        {"memory": "2Gi", "max_instances": 20, "min_instances": 1, "meme_days": 30, "labels": {"a": "b"}},
        "",
        set(),
    ),
    ("private", {"public": False}, "", {CALLER.format("api")}),
    ("public again", {"public": True}, CALLER.format("api"), set()),
    ("kill switch on", {"kill_switch": True}, "google_pubsub_topic.budget[0]", set()),
    ("canary on", {"canary": True}, 'google_cloud_scheduler_job.job["canary"]', set()),
    (
        "kill switch and canary off",
        {"kill_switch": False, "canary": False},
        "",
        {
            *(f'google_cloudfunctions2_function.function["{key}"]' for key in ("stop", "canary")),
            *(CALLER.format(key) for key in ("stop", "canary")),
            *(f'google_service_account.account["{key}"]' for key in ("stop", "canary")),
            "google_cloud_run_v2_service_iam_member.stop_closes_api[0]",
            'google_cloud_scheduler_job.job["canary"]',
        },
    ),
    ("domain off, first step", {"domain_live": False}, "", set()),
    (
        "domain, budget, alerts by e-mail and report topic off",
        {"domain": None, "monthly_budget": None, "notify_email": None, "report_topic": False},
        "",
        set(),
    ),
]
"""Step, variables, what it must make, and what it takes from the running path."""


@pytest.mark.slow
def test_each_option_can_come_and_go_later_without_touching_what_runs(another: Path):
    """One after another, so each meets those before it. `made` and `gone` are what must have changed."""
    settings: dict[str, object] = {}
    for step, setting, made, gone in OPTIONS:
        settings |= setting
        plan = offline.plan(another, **settings)
        assert lost(plan) == gone, step
        assert not made or made in changed(plan, "create"), step
        assert summary(plan) == SAID[step], step
        offline.apply_plan(another)
    assert "google_billing_budget.month[0]" in changed(plan, "delete")


@pytest.mark.parametrize("function", ["on_upload", "api", "sweep"])
def test_a_function_that_is_made_again_gets_its_callers_back_in_the_same_apply(another: Path, function: str):
    plan = offline.plan(another, f'-replace={MODULE}google_cloudfunctions2_function.function["{function}"]')
    binding = f'google_cloud_run_v2_service_iam_member.caller["{function}"]'
    assert lost(plan) == {f'google_cloudfunctions2_function.function["{function}"]', binding}
    (after,) = [each for each in plan["resource_changes"] if each["address"] == f"{MODULE}{binding}"]
    assert after["change"]["actions"] == ["delete", "create"]
    assert summary(plan) == SAID[f"`-replace` of {function}"]


def test_a_new_release_and_the_way_back_change_the_functions_in_place(another: Path):
    build = another.parents[1] / "build"
    before = json.loads((build / "functions.json").read_text())["file"]
    write_archive(b"a newer release", build)
    for step, variables in (("new release", {}), ("roll back", {"archive": before})):
        plan = offline.plan(another, **variables)
        assert summary(plan) == SAID[step]
        assert lost(plan) == set()
        assert changed(plan, "update") == {
            f'google_cloudfunctions2_function.function["{name}"]' for name in ("on_upload", "api", "sweep")
        }
        assert {address.split("[")[0] for address in changed(plan, "delete")} <= {
            "google_storage_bucket_object.archive"
        }
        offline.apply_plan(another)


def test_the_module_can_be_called_by_another_name(another: Path):
    main = another / "main.tf"
    main.write_text(
        main.read_text().replace('module "memegen"', 'module "photos"')
        + "\nmoved {\n  from = module.memegen\n  to   = module.photos\n}\n"
    )
    outputs = another / "outputs.tf"
    outputs.write_text(outputs.read_text().replace("module.memegen.", "module.photos."))
    (another / "moved.tf").unlink()
    offline.find_modules(another)
    plan = offline.plan(another)
    assert {each["change"]["actions"][0] for each in plan["resource_changes"]} == {"no-op"}
    assert summary(plan) == SAID["another name for the module's call, with a `moved` block"]


def test_another_name_of_the_installation_would_replace_all_of_it(another: Path):
    """So the page says not to; nothing in Terraform can rename a bucket or an account."""
    plan = offline.plan(another, name="other")
    running = {each for each in changed(offline.plan(another), "no-op") if RUNNING_PATH.match(each)}
    assert lost(plan) == running
    assert summary(plan) == SAID["another `name` for the installation"]


def identities(state: Path) -> set[str]:
    """What each resource is in the project. The APIs are left out: a destroy leaves them on."""
    keys = (
        "project",
        "name",
        "account_id",
        "bucket",
        "role",
        "member",
        "topic",
        "location",
        "service_account_id",
    )
    found = set()
    for each in json.loads(state.read_text())["resources"]:
        if each["mode"] != "managed" or each["type"] in ("google_project_service", "time_sleep"):
            continue
        for instance in each["instances"]:
            values = instance["attributes"]
            named = {key: values.get(key) for key in keys}
            if "dashboard_json" in values or str(values.get("name", "")).startswith("made-up-"):
                named |= {"name": values.get("display_name") or values.get("dashboard_json")}
            found.add(json.dumps([each["type"], named, values.get("condition"), values.get("repository_id")]))
    return found


def test_a_second_installation_and_its_destroy_leave_the_first_one_as_it_is(another: Path, tmp_path: Path):
    second = offline.copy_configuration(tmp_path / "second")
    assert summary(offline.plan(second, name="team")) == SAID["a second installation beside it"]
    offline.apply_plan(second)
    first, other = (identities(folder / "terraform.tfstate") for folder in (another, second))
    assert len(first) > 60
    assert first & other == set()
    plan = offline.plan(second, "-destroy", name="team")
    assert summary(plan) == SAID["the second one destroyed"]
    assert lost(plan) >= {"google_project_iam_member.agent_publishes"}
    apis = [each for each in plan["resource_changes"] if each["type"] == "google_project_service"]
    assert apis
    assert not any(each["change"]["before"]["disable_on_destroy"] for each in apis)


def test_the_stand_in_replaces_what_the_real_provider_replaces(another: Path):
    """Or the tests above would prove nothing: a grant whose member isn't known must be replaced."""
    accounts = another / "memegen" / "accounts.tf"
    text = accounts.read_text()
    (member,) = re.findall(r'"serviceAccount:service-.+@gs-project-accounts.+"', text)
    accounts.write_text(text.replace(member, "data.google_storage_project_service_account.agent.member"))
    budget = {"billing_account": "012345-6789AB-CDEF01", "monthly_budget": 20}
    assert "google_project_iam_member.agent_publishes" in lost(offline.plan(another, **budget))
