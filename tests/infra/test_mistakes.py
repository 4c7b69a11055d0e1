"""Mistakes planted in the configuration, and which test finds each one.

Each is a change of the text, in a copy of the module. It counts as caught when the test that is named beside it
fails. Those that different tests find share a copy, since a plan takes seconds; with `--alone`, which takes some
ten minutes, each has a copy of its own, so that no other mistake can be what its test has found.
"""

# ruff: noqa: E501 – a row of the table is a line

import inspect
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.infra import test_alerts, test_archive, test_options, test_plan, test_roles, test_security_plan
from tests.support.provider import offline

MODULES = (test_plan, test_roles, test_options, test_alerts, test_security_plan, test_archive)
LEAST_CAUGHT = 0.9
PLANS_AT_ONCE = 2
RELIABILITY = (offline.ROOT / "docs" / "reliability.md").read_text()


@dataclass(frozen=True)
class Mistake:
    file: str
    right: str
    wrong: str
    test: str
    """The test that must fail."""


def mistakes() -> list[Mistake]:
    m = Mistake
    unbuilt = "test_functions_are_built_after_their_archive_into_the_repository_of_images"
    series = "test_an_alert_takes_the_series_that_it_is_about_and_no_other"
    limits = "test_thresholds_are_those_of_the_texts"
    balancer = "test_the_load_balancer_leads_to_the_api_and_the_page"
    needs = "test_the_functions_are_what_the_code_needs"
    on_upload = "test_on_upload_takes_one_photo_at_a_time_and_nothing_from_outside"
    api = "test_the_api_takes_many_requests_at_once_from_everywhere"
    sweep = "test_every_ten_minutes_one_sweep_runs_and_nobody_else_may_call_it"
    trigger = "test_finished_uploads_alone_call_on_upload_until_it_has_answered"
    times = "test_time_limits_leave_room_for_the_work_and_end_before_the_event_system_gives_up"
    waits = "test_first_waits_are_as_long_as_new_roles_and_apis_take"
    wide = "test_project_wide_roles_are_the_stated_few"
    agent = "test_cloud_storage_itself_publishes_events_by_a_grant_of_this_installations_own"
    apis = "test_the_apis_that_are_switched_on_are_those_in_use"
    public = "test_everyone_may_call_the_api_and_read_the_page_and_nothing_else"
    lines = "test_lines_of_the_platform_are_counted_and_left_out_as_they_should"
    versions = "test_providers_have_exact_versions_and_bill_this_project"
    access = "test_there_are_four_buckets_with_one_kind_of_access"
    lifetimes = "test_photos_go_after_a_day_and_memes_after_a_week"
    budget = "test_only_billing_may_publish_to_the_budgets_topic_and_its_messages_call_stop"
    stop = "test_stop_may_change_the_apis_rights_and_nothing_else"
    flight = "test_a_quarter_of_an_hour_apart_the_canary_flies_to_the_api_and_has_no_right_itself"
    optional = "test_the_optional_alerts_take_what_they_are_about_and_no_other"
    topic = "test_report_topic_tells_of_the_memes_bucket_and_of_reports_only"
    prefixes = "test_prefixes_are_told_to_those_that_make_memes_and_to_no_other"
    copies = "test_a_shared_copy_goes_with_its_meme"
    cors = "test_the_page_alone_may_send_photos_and_read_memes"
    return [
        # Accounts and roles
        m("accounts.tf", 'on_upload = { uploads = "roles/storage.objectViewer"', 'on_upload = { uploads = "roles/storage.objectUser"', "test_on_upload_reads_uploads_and_writes_memes"),
        m("accounts.tf", 'memes = "roles/storage.objectUser" }\n    sweep', 'memes = "roles/storage.objectCreator" }\n    sweep', "test_on_upload_reads_uploads_and_writes_memes"),
        m("accounts.tf", 'signing   = { uploads = "roles/storage.objectCreator"', 'signing   = { uploads = "roles/storage.objectUser"', "test_a_signed_url_can_make_an_upload_and_read_a_meme"),
        m("accounts.tf", "roles/iam.serviceAccountTokenCreator", "roles/iam.serviceAccountUser", "test_api_uses_both_buckets_and_signs_as_the_signing_account"),
        m("accounts.tf", "roles/eventarc.eventReceiver", "roles/eventarc.viewer", "test_trigger_receives_events_and_calls_on_upload"),
        m("accounts.tf", "roles/logging.logWriter", "roles/logging.viewer", "test_build_reads_sources_and_writes_images_and_logs"),
        m("accounts.tf", 'startsWith(\\"projects/_/buckets/gcf-v2-sources-\\")', 'startsWith(\\"projects/\\")', "test_build_reads_no_bucket_of_the_project_but_the_copied_sources"),
        m("accounts.tf", "roles/pubsub.publisher", "roles/pubsub.editor", wide),
        m("accounts.tf", "@gs-project-accounts.iam", "@gcp-sa-pubsub.iam", agent),
        m("accounts.tf", '"${var.name} events of uploads"', '"events of uploads"', agent),
        m("accounts.tf", "2021-01-01T00:00:00Z", "2031-01-01T00:00:00Z", agent),
        m("accounts.tf", 'create_duration = "120s"', 'create_duration = "1s"', waits),
        m("accounts.tf", "    google_project_iam_member.agent_publishes,\n", "", "test_a_first_apply_waits_for_apis_and_grants"),
        m("apis.tf", 'create_duration = "60s"', 'create_duration = "0s"', waits),
        m("apis.tf", '"monitoring", "pubsub", ', '"monitoring", ', apis),
        m("apis.tf", '"cloudscheduler",', "", apis),
        m("apis.tf", '"cloudbuild", ', "", apis),
        m("apis.tf", "disable_on_destroy = false", "disable_on_destroy = true", "test_apis_stay_on_after_a_destroy"),
        # Buckets
        m("buckets.tf", 'public_access_prevention    = "enforced"', 'public_access_prevention    = "inherited"', access),
        m("buckets.tf", "retention_duration_seconds = 0", "retention_duration_seconds = 604800", "test_what_was_deleted_is_gone"),
        m("buckets.tf", "days = var.photo_days", "days = var.meme_days", lifetimes),
        m("buckets.tf", "days = var.meme_days", "days = 1", lifetimes),
        m("buckets.tf", "days_since_custom_time = var.meme_days", "days_since_custom_time = 365", copies),
        m("buckets.tf", "{ age = local.contract.limits.share_days", "{ age = 365", copies),
        m("buckets.tf", 'matches_prefix         = ["shared/"]', 'matches_prefix         = ["share/"]', copies),
        m("buckets.tf", 'methods = ["PUT"]', 'methods = ["PUT", "DELETE"]', cors),
        m("buckets.tf", "origin          = local.page_origins", 'origin          = ["*"]', cors),
        m("buckets.tf", "headers = local.contract.signed_upload.headers", 'headers = ["Content-Type"]', "test_a_browser_may_send_every_header_that_the_api_signs"),
        m("buckets.tf", "force_destroy               = var.force_destroy", "force_destroy               = true", "test_no_destroy_empties_a_bucket_unasked"),
        # Functions and trigger
        m("functions.tf", 'retry_policy          = "RETRY_POLICY_RETRY"', 'retry_policy          = "RETRY_POLICY_DO_NOT_RETRY"', trigger),
        m("functions.tf", "object.v1.finalized", "object.v1.archived", trigger),
        m("functions.tf", 'pictures["uploads"].name, topic', 'pictures["memes"].name, topic', trigger),
        m("functions.tf", "trigger_region        = var.region", 'trigger_region        = "us"', "test_regions_agree"),
        m("functions.tf", "cpu = var.cpu\n      least", "cpu = var.cpu, at_once = 4\n      least", on_upload),
        m("functions.tf", 'ingress     = "ALLOW_INTERNAL_ONLY"', 'ingress     = "ALLOW_ALL"', "test_on_upload_is_closed_to_the_world"),
        m("functions.tf", "timeout = var.timeout_seconds", "timeout = 900", times),
        m("functions.tf", "timeout = var.api_timeout_seconds", "timeout = 5", times),
        m("functions.tf", 'runtime           = "python311"', 'runtime           = "python312"', needs),
        m("functions.tf", "memory      = var.memory", 'memory      = "256Mi"', needs),
        m("functions.tf", "most = var.max_instances", "most = 1000", needs),
        m("functions.tf", "THREADS         = tostring(var.api_concurrency)", 'THREADS         = "4"', api),
        m("functions.tf", 'SIGNING_ACCOUNT = local.emails["signing"]', 'SIGNING_ACCOUNT = local.emails["api"]', api),
        m("functions.tf", "PAGE_URL        = local.page_url", "PAGE_URL        = local.page_origin", api),
        m("functions.tf", 'MEMES_BUCKET         = google_storage_bucket.pictures["memes"].name', "MEMES_BUCKET         = google_storage_bucket.site.name", on_upload),
        m("functions.tf", "docker_repository = google_artifact_registry_repository.images.id\n", "", unbuilt),
        m("functions.tf", "depends_on = [google_storage_bucket_object.archive, time_sleep.grants]", "depends_on = [time_sleep.grants]", unbuilt),
        m("functions.tf", '    action = "KEEP"\n    most_recent_versions {\n      keep_count = 3\n    }', '    action = "KEEP"\n    most_recent_versions {\n      keep_count = 1\n    }', unbuilt),
        m("functions.tf", 'deletion_policy = "ABANDON"', 'deletion_policy = "DELETE"', "test_both_functions_are_built_of_the_archive_named_by_its_hash"),
        m("functions.tf", '  role     = "roles/run.invoker"', '  role     = "roles/run.viewer"', "test_trigger_receives_events_and_calls_on_upload"),
        m("functions.tf", 'var.public ? "allUsers"', 'var.public ? "allAuthenticatedUsers"', public),
        # Sweep
        m("schedule.tf", '* * * *"', '0 * * *"', sweep),
        m("schedule.tf", "timeout + 30", "timeout - 30", sweep),
        m("schedule.tf", 'http_method = "POST"', 'http_method = "GET"', sweep),
        m("functions.tf", "timeout = 540", "timeout = 60", times),
        m("functions.tf", "most = 1\n", "most = 10\n", needs),
        m("functions.tf", 'caller      = local.members["scheduler"]', 'caller      = "allUsers"', public),
        # Load balancer
        m("loadbalancer.tf", 'service = google_cloudfunctions2_function.function["api"].name', 'service = google_cloudfunctions2_function.function["on_upload"].name', balancer),
        m("loadbalancer.tf", 'protocol                = "HTTPS"', 'protocol                = "HTTP"', balancer),
        m("loadbalancer.tf", '  load_balancing_scheme   = "EXTERNAL_MANAGED"', '  load_balancing_scheme   = "EXTERNAL"', balancer),
        m("loadbalancer.tf", 'port_range            = "443"', 'port_range            = "8443"', "test_the_domain_has_https_only_with_security_headers"),
        m("loadbalancer.tf", "count        = var.requests_per_minute", "count        = 100000", "test_exactly_one_limit_holds"),
        m("loadbalancer.tf", "count        = local.uploads_per_minute", "count        = var.requests_per_minute", "test_the_domain_has_a_cdn_and_a_rate_limit_and_logs_no_request"),
        m("loadbalancer.tf", '"X-Frame-Options: DENY",', '"X-Frame-Options: SAMEORIGIN",', "test_headers_against_frames_and_plain_http_need_a_domain"),
        m("direct.tf", "depends_on = [time_sleep.grants]", "depends_on = [time_sleep.apis]", "test_notifications_wait_for_the_right_to_publish"),
        # Kill switch and canary
        m("functions.tf", "stop = var.kill_switch, canary", "stop = true, canary", "test_nothing_optional_comes_unasked"),
        m("kill_switch.tf", "serviceAccount:billing-budget-alert@system.gserviceaccount.com", "allAuthenticatedUsers", budget),
        m("kill_switch.tf", 'role    = "roles/pubsub.publisher"', 'role    = "roles/pubsub.editor"', budget),
        m("functions.tf", "topic.v1.messagePublished", "topic.v1.messageDelivered", budget),
        m("functions.tf", 'services/${var.name}-api"', 'services/${var.name}-on-upload"', budget),
        m("kill_switch.tf", 'function["api"].name\n  role     = "roles/run.admin"', 'function["on_upload"].name\n  role     = "roles/run.admin"', stop),
        m("kill_switch.tf", 'role     = "roles/run.admin"', 'role     = "roles/run.invoker"', stop),
        m("functions.tf", 'timeout     = 60\n      caller      = local.members["trigger"]', 'timeout     = 60\n      caller      = local.members["scheduler"]', stop),
        m("monitoring.tf", "  depends_on = [google_pubsub_topic_iam_member.billing_publishes]\n", "", budget),
        m("monitoring.tf", 'jsonPayload.message=\\"api stopped\\"', 'jsonPayload.message=\\"stopped\\"', optional),
        m("monitoring.tf", 'jsonPayload.message=\\"upload done\\" AND NOT jsonPayload.canary=true', 'jsonPayload.message=\\"upload done\\"', "test_the_canarys_photos_are_in_no_number"),
        m("monitoring.tf", '${var.name}-canary\\" ${local.ended_well}', '${var.name}-sweep\\" ${local.ended_well}', optional),
        m("monitoring.tf", 'duration = "2700s"', 'duration = "270000s"', "test_what_is_optional_brings_its_own_alert"),
        m("schedule.tf", "minutes = 15", "minutes = 55", flight),
        m("schedule.tf", "jsonencode({ api = local.api_url })", "jsonencode({ api = local.page_origin })", flight),
        m("functions.tf", 'timeout     = 300', 'timeout     = 60', flight),
        # Direct use
        m("completed.js", '.endsWith(".json")', '.endsWith(".jpg")', topic),
        m("completed.js", "status: own", "state: own", topic),
        m("direct.tf", "EXCLUDE_PREFIXES = var.exclude_prefixes", "EXCLUDE_PREFIXES = var.include_prefixes", prefixes),
        m("functions.tf", "environment = local.selection", "environment = {}", prefixes),
        # Monitoring
        m("monitoring.tf", 'service_name=\\"${var.name}-sweep\\" ${local.ended_well}"', 'service=\\"${var.name}-sweep\\" ${local.ended_well}"', "test_every_filter_names_metrics_resources_and_labels_that_google_has"),
        m("monitoring.tf", "AND severity>=ERROR", "AND severity>=CRITICAL", lines),
        m("monitoring.tf", "slow_ms  = 15000", "slow_ms  = 15", limits),
        m("monitoring.tf", 'forwarding_rule_name=\\"${var.name}-https', 'forwarding_rule_name=\\"${var.name}', optional),
        m("monitoring.tf", "threshold = 900, duration", "threshold = 9000, duration", limits),
        m("monitoring.tf", 'threshold = 100, duration = "300s"', 'threshold = 100, duration = "3000s"', limits),
        m("monitoring.tf", 'httpRequest.requestUrl:* AND NOT', "NOT", "test_no_line_of_ours_is_left_out"),
        m("monitoring.tf", 'resource.type=\\"cloud_run_revision\\" resource.label.service_name=monitoring.regex.full_match(\\"${var.name}-(api', 'resource.type=\\"cloud_function\\" resource.label.service_name=monitoring.regex.full_match(\\"${var.name}-(api', "test_every_chart_of_the_dashboard_shows_a_metric_with_an_aligner_that_it_takes"),
        m("monitoring.tf", "-on-upload-[0-9]+-sub-[0-9]+", "-on-upload", series),
        m("monitoring.tf", 'response_code_class=\\"5xx\\"', 'response_code_class=\\"4xx\\"', series),
        m("monitoring.tf", 'jsonPayload.found>0', "jsonPayload.found>10", "test_the_wire_cut_shows_the_condition_and_fixed_it_is_gone"),
        m("monitoring.tf", 'jsonPayload.message=\\"upload gave-up\\""\n    failed', 'jsonPayload.message=\\"upload given-up\\""\n    failed', "test_each_outcome_is_counted_once"),
        m("monitoring.tf", 'path = "/health"', 'path = "/"', "test_api_and_page_are_asked_from_outside_where_everybody_may_go"),
        m("monitoring.tf", "threshold_percent = threshold_rules.value", "threshold_percent = 1", "test_email_gets_alerts_and_the_budgets_notices"),
        m("monitoring.tf", 'reducer = "REDUCE_COUNT_FALSE"', 'reducer = "REDUCE_COUNT_TRUE"', limits),
        # The root
        m("../versions.tf", "billing_project       = var.project_id\n", "", versions),
        m("../versions.tf", 'version = "8.7.0"', 'version = ">= 4.0"', versions),
    ]  # fmt: skip


def groups(alone: bool) -> list[list[Mistake]]:
    """Mistakes that stand in one copy: each is found by another test, and none changes another's text."""
    found: list[list[Mistake]] = []
    for mistake in mistakes():
        for group in found:
            if not alone and all(each.test != mistake.test and each.right != mistake.right for each in group):
                group.append(mistake)
                break
        else:
            found.append([mistake])
    return found


class Printed:
    """What a test asks of pytest's capsys."""

    def __init__(self) -> None:
        self.written = io.StringIO()

    def readouterr(self) -> Any:
        text = self.written.getvalue()
        self.written.seek(0)
        self.written.truncate()
        return type("Read", (), {"out": text})


@contextmanager
def printed() -> Iterator[Printed]:
    capture, stdout = Printed(), sys.stdout
    sys.stdout = capture.written
    try:
        yield capture
    finally:
        sys.stdout = stdout


def failing(plans: dict[str, Any]) -> set[str]:
    """The tests that fail on these plans, of those that need no more than plans."""
    failed = set()
    for module, name in chain.from_iterable(
        ((module, name) for name in dir(module) if name.startswith("test_")) for module in MODULES
    ):
        for arguments in cases(module, name):
            with printed() as capture:
                known = {**plans, **arguments, "capsys": capture}
                test = getattr(module, name)
                wanted = inspect.signature(test).parameters
                if wanted.keys() <= known.keys() and {"plan", "full_plan"} & wanted.keys():
                    try:
                        test(**{key: known[key] for key in wanted})
                    except Exception:
                        failed.add(name)
    return failed


def cases(module: ModuleType, name: str) -> list[dict[str, Any]]:
    """The arguments of each of a test's cases."""
    made: list[dict[str, Any]] = [{}]
    for mark in getattr(getattr(module, name), "pytestmark", []):
        if mark.name != "parametrize":
            continue
        names = [mark.args[0]] if isinstance(mark.args[0], str) else list(mark.args[0])
        values = [value if len(names) > 1 else (value,) for value in mark.args[1]]
        made = [{**one, **dict(zip(names, value, strict=True))} for one in made for value in values]
    return made


def plans_with(folder: Path, planted: list[Mistake], everything: dict[str, Any]) -> dict[str, Any]:
    """The plans that the mistakes' tests look at, once all of them stand in a copy at `folder`."""
    configuration = offline.copy_configuration(folder)
    for mistake in planted:
        path = configuration / "memegen" / mistake.file
        text = path.read_text()
        assert mistake.right in text, f"{mistake.file} doesn't hold {mistake.right!r} any more"
        path.write_text(text.replace(mistake.right, mistake.wrong, 1))
    variables = {"plan": {}, "full_plan": {**everything, "labels": {"team": "memes"}}}
    wanted = {name for mistake in planted for name in inspect.signature(its_test(mistake)).parameters}
    return {name: offline.plan(configuration, **variables[name]) for name in variables if name in wanted}


def its_test(mistake: Mistake) -> Any:
    (found,) = {getattr(module, mistake.test) for module in MODULES if hasattr(module, mistake.test)}
    return found


def test_without_a_mistake_no_test_fails(plan: dict[str, Any], full_plan: dict[str, Any]):
    assert failing({"plan": plan, "full_plan": full_plan}) == set()


@pytest.mark.slow
def test_planted_mistakes_are_caught(
    tmp_path: Path, terraform_ready: None, everything: dict[str, Any], request: pytest.FixtureRequest
):
    copies = groups(request.config.getoption("--alone", default=False))
    planted = [mistake for group in copies for mistake in group]
    assert len(planted) >= 60
    found: set[Mistake] = set()
    with ThreadPoolExecutor(PLANS_AT_ONCE) as pool:
        folders = [tmp_path / str(number) for number in range(len(copies))]
        for group, plans in zip(
            copies, pool.map(plans_with, folders, copies, repeat(everything)), strict=True
        ):
            failed = failing(plans)
            found |= {mistake for mistake in group if mistake.test in failed}
    missed = [f"{each.file}: {each.wrong!r}" for each in planted if each not in found]
    assert len(found) >= LEAST_CAUGHT * len(planted), missed
    all_of, caught_of = Counter(each.file for each in planted), Counter(each.file for each in found)
    figures = {file.removeprefix("../"): f"{caught_of[file]} of {all_of[file]}" for file in all_of}
    figures["all"] = f"{len(found)} of {len(planted)}"
    said = dict(re.findall(r"^\| \W*([a-z_.]+)\W*[^|]* \| (\d+ of \d+) \|$", RELIABILITY, re.M))
    assert said == figures, f"docs/reliability.md must say what was caught today; missed: {missed}"
