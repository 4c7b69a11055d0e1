"""The module `memegen`: any root can call it, and an older deployment keeps its state."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from tests.infra.test_lifecycle import SAID, summary
from tests.support.provider import offline
from tests.support.provider.offline import ENVIRONMENT, ROOT, planned, written

MODULE = ROOT / "infra" / "terraform" / "memegen"
README = (MODULE / "README.md").read_text()

# What lay in the root before there was a module. The list stays as it is when resources are added or renamed.
FORMER = [
    "google_artifact_registry_repository.images",
    "google_artifact_registry_repository_iam_member.build_writes_images",
    "google_billing_budget.month",
    "google_cloud_run_v2_service_iam_member.anyone_calls_api",
    "google_cloud_run_v2_service_iam_member.trigger_calls_on_upload",
    "google_cloudfunctions2_function.api",
    "google_cloudfunctions2_function.on_upload",
    "google_compute_backend_bucket.page",
    "google_compute_backend_service.api",
    "google_compute_global_address.domain",
    "google_compute_global_forwarding_rule.https",
    "google_compute_global_forwarding_rule.redirect",
    "google_compute_managed_ssl_certificate.domain",
    "google_compute_region_network_endpoint_group.api",
    "google_compute_security_policy.api",
    "google_compute_ssl_policy.domain",
    "google_compute_target_http_proxy.redirect",
    "google_compute_target_https_proxy.https",
    "google_compute_url_map.https",
    "google_compute_url_map.redirect",
    "google_logging_metric.count",
    "google_logging_metric.duration",
    "google_logging_project_exclusion.meme_ids",
    "google_monitoring_alert_policy.alert",
    "google_monitoring_dashboard.memegen",
    "google_monitoring_notification_channel.email",
    "google_project_iam_member.build_reads_copied_sources",
    "google_project_iam_member.build_writes_logs",
    "google_project_iam_member.storage_publishes",
    "google_project_iam_member.trigger_receives_events",
    "google_project_service.api",
    "google_pubsub_topic.reports",
    "google_pubsub_topic_iam_member.reader",
    "google_service_account.account",
    "google_service_account_iam_member.api_signs",
    "google_storage_bucket.memes",
    "google_storage_bucket.site",
    "google_storage_bucket.source",
    "google_storage_bucket.uploads",
    "google_storage_bucket_iam_member.account",
    "google_storage_bucket_iam_member.anyone_reads_site",
    "google_storage_bucket_iam_member.reader",
    "google_storage_bucket_iam_member.uploader",
    "google_storage_bucket_object.archive",
    "google_storage_bucket_object.page",
    "google_storage_notification.reports",
    "time_sleep.apis",
    "time_sleep.grants",
]

FORMER_NAMES: dict[str, dict[str, tuple[str, int | None]]] = {
    "google_cloudfunctions2_function.function": {"on_upload": ("on_upload", None), "api": ("api", None)},
    "google_cloud_run_v2_service_iam_member.caller": {
        "on_upload": ("trigger_calls_on_upload", None),
        "api": ("anyone_calls_api", 0),
    },
    "google_storage_bucket.pictures": {"uploads": ("uploads", None), "memes": ("memes", None)},
}
"""Resource and key of an instance → the name and the index that it had."""

SHARED_NAMESPACE = {
    "google_cloud_scheduler_job",
    "google_cloudfunctions2_function",
    "google_logging_metric",
    "google_logging_project_exclusion",
    "google_service_account",
    "google_storage_bucket",
    "google_storage_bucket_object",
}
"""Types whose names must differ within a project."""

FORMER_GRANT = """
resource "google_project_iam_member" "storage_publishes" {
  project = var.project_id
  role    = "roles/pubsub.publisher"
  member  = data.google_storage_project_service_account.agent.member
}
"""

Plan = dict[str, Any]


def expressions(plan: Plan) -> dict[str, list[str]]:
    """Argument of the root's call of the module → what it refers to."""
    call = plan["configuration"]["root_module"]["module_calls"]["memegen"]
    return {name: expression["references"] for name, expression in call["expressions"].items()}


def test_the_root_passes_every_variable_on_and_every_output_out(plan: Plan):
    root, module = plan["configuration"]["root_module"], written(plan)
    passed = expressions(plan)
    assert passed.pop("repository") == ["path.root"]
    assert passed == {name: [f"var.{name}"] for name in module["variables"] if name != "repository"}
    assert set(root["variables"]) == set(passed)
    outputs = {name: output["expression"]["references"][0] for name, output in root["outputs"].items()}
    assert outputs == {name: f"module.memegen.{name}" for name in module["outputs"]}


def test_a_default_of_the_root_is_the_modules(plan: Plan):
    """Null asks for the module's default, and null alone may differ from it."""
    module = written(plan)["variables"]
    for name, variable in plan["configuration"]["root_module"]["variables"].items():
        if name in module and variable.get("default") is not None:
            assert variable["default"] == module[name]["default"], name


def test_types_of_the_root_are_the_modules():
    root, module = (
        dict(re.findall(r'variable "(\w+)" \{\n  type\s+= (.+)', (folder / "variables.tf").read_text()))
        for folder in (MODULE.parent, MODULE)
    )
    assert {name: module[name] for name in root} == {
        name: root[name] for name in module if name != "repository"
    }


def test_the_readme_of_the_module_has_all_inputs_and_outputs(plan: Plan):
    inputs, outputs = README.split("\n## Inputs\n")[1].split("\n## Outputs\n")
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (.+?) \|", inputs, re.M)
    variables = written(plan)["variables"]
    assert all(variable["description"] for variable in variables.values())
    types = dict(re.findall(r'variable "(\w+)" \{\n  type\s+= (.+)', (MODULE / "variables.tf").read_text()))
    assert {name: of for name, of, _ in rows} == types
    for name, _, default in rows:
        declared = variables[name].get("default")
        if default.startswith("`"):
            assert json.loads(default.strip("`")) == declared
        else:
            assert declared is None
            assert (default == "required") == ("default" not in variables[name])
    assert set(re.findall(r"^\| `(\w+)` \|", outputs, re.M)) == set(written(plan)["outputs"])
    assert all(output["description"] for output in written(plan)["outputs"].values())


def test_providers_and_backend_are_the_roots():
    text = "\n".join(path.read_text() for path in MODULE.glob("*.tf"))
    assert not re.search(r'^\s*(provider|backend) "', text, re.M)
    constraint = r'\bversion = "(.+)"'
    root = re.findall(constraint, (MODULE.parent / "versions.tf").read_text())
    assert len(root) == 2
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in root)
    assert re.findall(constraint, (MODULE / "versions.tf").read_text()) == ["~> 8.7", "~> 0.14"]


def test_everything_names_its_project(full_plan: Plan):
    """The provider of another root may have another project, or none."""
    schemas = json.loads((ENVIRONMENT / "terraform" / "google.json").read_text())
    kinds = {"managed": "resource", "data": "data"}
    for each in written(full_plan)["resources"]:
        if not each["type"].startswith("google_"):
            continue
        attributes = schemas[kinds[each["mode"]]][each["type"]]["attributes"]
        (name,) = {"project", "project_id"} & set(attributes) or {None}
        if name is not None:
            assert each["expressions"][name] == {"references": ["var.project_id"]}, each["address"]


def test_another_root_can_use_the_module_as_its_readme_says(tmp_path: Path, terraform_ready: None):
    (example,) = re.findall(r"```hcl\n(.*?)```", README, re.S)
    offline.copy_configuration(tmp_path / "memegen")
    (tmp_path / "main.tf").write_text(example)
    offline.find_modules(tmp_path)
    plan = offline.plan(tmp_path)
    assert plan["planned_values"]["outputs"]["page"]["value"] == (
        "https://memegen-memes-4711-site.storage.googleapis.com/index.html"
    )
    assert len(planned(plan)) > 70


def test_one_project_can_hold_the_module_twice(tmp_path: Path, terraform_ready: None):
    """examples/two, as it lies: nothing of one installation is the other's."""
    example = offline.copy_configuration(tmp_path) / "examples" / "two"
    offline.find_modules(example)
    plan = offline.plan(example)
    modules = plan["planned_values"]["root_module"]["child_modules"]
    assert [module["address"] for module in modules] == ["module.public", "module.team"]
    names = [
        {
            (
                each["type"],
                each["values"].get("name") or each["values"].get("account_id"),
                each["values"].get("bucket"),
            )
            for each in module["resources"]
            if each["type"] in SHARED_NAMESPACE
        }
        for module in modules
    ]
    assert all(len(found) > 15 for found in names)
    assert not names[0] & names[1]
    grants = [
        {
            tuple(
                str(each["values"].get(key))
                for key in ("role", "member", "project", "bucket", "name", "condition")
            )
            for each in module["resources"]
            if "_iam_" in each["type"] and "member" in each["values"]
        }
        for module in modules
    ]
    assert not grants[0] & grants[1]
    sizes = [
        each["values"]["service_config"][0]["available_memory"]
        for module in modules
        for each in module["resources"]
        if each["address"].endswith('google_cloudfunctions2_function.function["on_upload"]')
    ]
    assert sizes == ["1Gi", "2Gi"]


def test_every_former_address_is_moved_once():
    moves = re.findall(
        r"^moved \{\n  from = (\S+)\n  to   = (\S+)\n\}$", (MODULE.parent / "moved.tf").read_text(), re.M
    )
    assert sorted(former for former, _ in moves) == FORMER
    assert len({to for _, to in moves}) == len(FORMER)
    assert all(to.startswith("module.memegen.") for _, to in moves)


def test_a_deployment_from_before_the_module_is_moved_and_not_changed(
    configuration: Path, everything: dict[str, Any]
):
    """The state is made by applying the module's files as a root, as the configuration lay before."""
    flat = configuration.parent / "flat"
    shutil.copytree(configuration / "memegen", flat)
    accounts = flat / "accounts.tf"
    accounts.write_text(re.sub(r"\nremoved \{.+?\n\}\n", FORMER_GRANT, accounts.read_text(), flags=re.S))
    former = {name: value for name, value in everything.items() if name not in ("kill_switch", "canary")}
    offline.apply(flat, **former, repository="./../..")
    state = json.loads((flat / "terraform.tfstate").read_text())
    managed = [each for each in state["resources"] if each["mode"] == "managed"]
    managed += [former for each in managed for former in apart(each)]
    state["resources"] = [each for each in managed if f"{each['type']}.{each['name']}" in FORMER]
    assert {f"{each['type']}.{each['name']}" for each in state["resources"]} == set(FORMER)
    before = {
        f"{each['type']}.{each['name']}{index(instance)}"
        for each in state["resources"]
        for instance in each["instances"]
    }
    (configuration / "terraform.tfstate").write_text(json.dumps(state))
    plan = offline.plan(configuration, **former)
    assert summary(plan) == SAID["from a state before there was a module"]
    changes = plan["resource_changes"]
    moved = {each["previous_address"]: each for each in changes if "previous_address" in each}
    assert set(moved) == before
    actions = {address: each["change"]["actions"] for address, each in moved.items()}
    # The grant without a condition is left to whoever else relies on it.
    assert actions.pop("google_project_iam_member.storage_publishes") == ["forget"]
    # An alert on an uptime check, which is made anew here, learns the check's id.
    updated = {address for address, action in actions.items() if action != ["no-op"]}
    assert {address for address in updated if 'alert_policy.alert["uptime-' not in address} == set()
    assert not [each["address"] for each in changes if "delete" in each["change"]["actions"]]
    made = {
        each["address"] for each in changes if each["address"] not in {m["address"] for m in moved.values()}
    }
    assert not {
        address for address in made if address.removeprefix("module.memegen.").split("[")[0] in FORMER
    }


def apart(resource: dict[str, Any]) -> list[dict[str, Any]]:
    """What are instances of one resource now as the resources of their own that they were."""
    names = FORMER_NAMES.get(f"{resource['type']}.{resource['name']}", {})
    found = []
    for instance in resource["instances"]:
        if instance.get("index_key") in names:
            name, key = names[instance["index_key"]]
            alone = {name: value for name, value in instance.items() if name != "index_key"}
            instances = [alone if key is None else {**alone, "index_key": key}]
            found.append({**resource, "name": name, "instances": instances})
    return found


def index(instance: dict[str, Any]) -> str:
    """The end of an instance's address: [0], ["key"], or nothing for a resource that has no other."""
    return f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
