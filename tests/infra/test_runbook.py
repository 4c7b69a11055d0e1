"""Every alert has its section of the runbook, and its e-mail says what stands there."""

import re
from pathlib import Path
from typing import Any

from cloud.logs import fault
from tests.infra.test_plan import functions
from tests.support.provider.offline import resources

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
SECTIONS = dict(part.split("\n", 1) for part in ("\n" + RUNBOOK).split("\n## ")[1:])

Plan = dict[str, Any]


def alerts(plan: Plan) -> dict[str, dict[str, Any]]:
    return {each["display_name"]: each for each in resources(plan, "google_monitoring_alert_policy").values()}


def test_every_alert_has_its_section_and_every_such_section_its_alert(plan: Plan):
    assert set(alerts(plan)) == {title for title in SECTIONS if title.startswith("memegen: ")}


def test_an_alert_says_what_to_do(plan: Plan):
    for title, alert in alerts(plan).items():
        (documentation,) = alert["documentation"]
        assert documentation["content"] == f"{SECTIONS[title]}\nFrom docs/runbook.md, which has more."
        assert documentation["mime_type"] == "text/markdown"
        assert len(documentation["content"].encode()) < 8192  # Cloud Monitoring's limit is a little higher


def test_another_installations_alerts_name_its_services(full_plan: Plan):
    assert set(alerts(full_plan)) == {"memes2: errors", "memes2: photos given up", "memes2: slow memes"}
    for alert in alerts(full_plan).values():
        content = alert["documentation"][0]["content"]
        assert "memes2-on-upload" in content or '"^memes2-"' in content
        assert "memegen-" not in content


def test_a_budget_has_its_section(full_plan: Plan):
    assert resources(full_plan, "google_billing_budget")
    assert "monthly_budget" in SECTIONS["The month's budget"]


def test_the_runbook_names_services_fields_commands_and_variables_that_there_are(plan: Plan):
    assert set(re.findall(r"memegen-[a-z-]*[a-z]", RUNBOOK)) <= set(functions(plan))
    processing = (ROOT / "functions" / "cloud" / "processing.py").read_text()
    logged = {"message", *fault(ValueError()), *re.findall(r"\b(\w+)=", processing)}
    logged |= set(re.findall(r'"(\w+)":', processing))
    assert set(re.findall(r"jsonPayload\.(\w+)", RUNBOOK)) <= logged
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", RUNBOOK)) <= targets
    variables = set(plan["configuration"]["root_module"]["variables"])
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", SECTIONS["The month's budget"]))
    assert named == {"monthly_budget", "requests_per_minute", "max_instances"}
    assert named | set(re.findall(r"-var (\w+)=", RUNBOOK)) <= variables
