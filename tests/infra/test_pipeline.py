"""The example of a pipeline: it uses what there is, applies on main only, and needs no key."""

import re
from typing import Any

import yaml

from infra.local.stack.stack import ROOT

FILE = ROOT / "infra" / "terraform" / "examples" / "pipeline" / "github-actions.yml"
WORKFLOW: dict[Any, Any] = yaml.safe_load(FILE.read_text())
STEPS: list[dict[str, Any]] = WORKFLOW["jobs"]["terraform"]["steps"]
RUN = [(step["run"], step.get("if")) for step in STEPS if "run" in step]


def test_a_pull_request_plans_and_main_applies_that_plan_and_is_tested():
    commands = [re.search(r"(?:terraform -chdir=infra/terraform|make) (\w+)", run)[1] for run, _ in RUN]
    assert commands == ["package", "init", "plan", "apply", "smoke"]
    on_main = "github.ref == 'refs/heads/main'"
    assert [condition for _, condition in RUN] == [None, None, None, on_main, on_main]
    assert "plan.bin" in RUN[2][0]
    assert RUN[3][0].endswith("apply -input=false plan.bin")
    assert set(WORKFLOW[True]) == {"pull_request", "push"}  # YAML 1.1 reads the key `on` as true
    assert WORKFLOW[True]["push"] == {"branches": ["main"]}


def test_it_uses_commands_outputs_and_settings_that_there_are():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"make (\w+)", " ".join(run for run, _ in RUN))) <= targets
    outputs = set(re.findall(r'output "(\w+)"', (ROOT / "infra" / "terraform" / "outputs.tf").read_text()))
    assert set(re.findall(r"output -raw (\w+)", FILE.read_text())) <= outputs


def test_it_holds_no_key_and_one_run_at_a_time_has_the_state():
    assert WORKFLOW["permissions"] == {"contents": "read", "id-token": "write"}
    assert "secrets." not in FILE.read_text()
    assert "credentials_json" not in FILE.read_text()
    assert WORKFLOW["concurrency"]
