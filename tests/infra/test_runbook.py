"""Every alert's e-mail says what to do, in words that fit the deployment; the runbook links to its text."""

import re
from pathlib import Path
from typing import Any

from cloud.logs import describe_error
from tests.infra.test_alerts import OPTIONAL, TITLES
from tests.infra.test_plan import functions
from tests.support.provider.offline import resources, written

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
SECTIONS = dict(part.split("\n", 1) for part in ("\n" + RUNBOOK).split("\n## ")[1:])
ALERTS = ROOT / "infra" / "terraform" / "memegen" / "alerts"
TEXTS = {"uptime-api": "uptime", "uptime-page": "uptime", "sent-domain": "sent"}
"""Alerts that share a text; each other has the file of its own key."""

Plan = dict[str, Any]


def emails(plan: Plan) -> dict[str, str]:
    """Each alert's name and what its e-mail says."""
    return {
        alert["display_name"]: alert["documentation"][0]["content"]
        for alert in resources(plan, "google_monitoring_alert_policy").values()
    }


def test_every_alert_has_its_text_and_every_text_its_alert(plan: Plan):
    assert set(emails(plan)) == {f"memegen: {title}" for title in TITLES.values()}
    assert {path.name for path in ALERTS.iterdir()} == {
        f"{TEXTS.get(key, key)}.md" for key in TITLES | OPTIONAL
    }


def test_the_runbook_has_every_alert_and_a_link_to_its_text():
    rows = re.findall(
        r"^\| ([a-z, ]+) \|.*\]\(\.\./infra/terraform/memegen/alerts/(.*)\.md\) \|$", RUNBOOK, re.M
    )
    linked = {title: file for titles, file in rows for title in titles.split(", ")}
    linked.pop("the most important one")
    assert linked == {title: TEXTS.get(key, key) for key, title in (TITLES | OPTIONAL).items()}


def test_the_table_of_wires_names_every_alert_and_no_other():
    reliability = (ROOT / "docs" / "reliability.md").read_text()
    wires = reliability.split("\n| wire | what its cut does | alert | test |\n|---|---|---|---|\n")[1]
    cells = [line.split(" | ")[2] for line in wires.split("\n\n")[0].splitlines()]
    named = {
        part.split(",")[0] for cell in cells if not cell.startswith("none: ") for part in cell.split("; ")
    }
    told = {quoted for cell in cells for quoted in re.findall(r'raises "(.+?)"', cell)}
    silent = {part for part in named if part.startswith("none for ")}
    assert (named | told) - silent == set((TITLES | OPTIONAL).values())


def test_an_alert_says_what_to_do(plan: Plan):
    # The values that are put in, worked out here by hand: 15,000 ms, 20 MiB, 65 megapixels.
    values = {"name": "memegen", "slow_ms": "15000", "slow_ms / 1000": "15"}
    values |= {"photo_mib": "20", "photo_megapixels": "65", "sent_gib": "10"}
    for key, title in TITLES.items():
        text = re.sub(
            r"\$\{(.+?)\}", lambda found: values[found[1]], (ALERTS / f"{TEXTS.get(key, key)}.md").read_text()
        )
        assert emails(plan)[f"memegen: {title}"] == f"{text}\nThe repository's docs/runbook.md has more.\n"
    for alert in resources(plan, "google_monitoring_alert_policy").values():
        (documentation,) = alert["documentation"]
        assert documentation["mime_type"] == "text/markdown"
        assert len(documentation["content"].encode()) < 8192  # Cloud Monitoring's limit is a little higher


def test_another_installations_alerts_name_its_services(full_plan: Plan):
    assert set(emails(full_plan)) == {f"memes2: {title}" for title in (TITLES | OPTIONAL).values()}
    for text in emails(full_plan).values():
        assert "memegen-" not in text


def test_a_budget_has_its_section(full_plan: Plan):
    assert resources(full_plan, "google_billing_budget")
    assert "monthly_budget" in SECTIONS["The month's budget"]


def test_texts_name_services_fields_commands_files_and_variables_that_there_are(plan: Plan):
    texts = "\n".join([RUNBOOK, *emails(plan).values()])
    assert (
        {"memegen-on-upload", "memegen-sweep"}
        <= set(re.findall(r"memegen-[a-z-]*[a-z]", texts))
        <= set(functions(plan))
    )
    folder = ROOT / "functions" / "cloud"
    processing = "".join((folder / name).read_text() for name in ("processing.py", "sweep.py"))
    logged = {"message", *describe_error(ValueError()), *re.findall(r"\b(\w+)=", processing)}
    logged |= set(re.findall(r'"(\w+)":', processing))
    assert set(re.findall(r"jsonPayload\.(\w+)", texts)) <= logged
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", texts)) <= targets
    files = set(re.findall(r"\b((?:infra|docs)/[\w./-]+\.\w+)", texts))
    assert "infra/README.md" in files
    assert {file for file in files if not (ROOT / file).is_file()} == set()
    variables = set(written(plan)["variables"])
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", SECTIONS["The month's budget"]))
    assert named == {"monthly_budget", "requests_per_minute", "max_instances", "kill_switch"}
    assert named | set(re.findall(r"-var (\w+)=", texts)) <= variables
