"""What is optional in a deployment: nothing of it unasked, and each as it should be."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from cloud import canary
from cloud.kill_switch import PUBLISHED
from cloud.processing import GIVE_UP_AFTER
from tests.infra.test_plan import PAGE_ORIGIN, buckets, configured, functions
from tests.infra.test_roles import grants
from tests.support.javascript import completed
from tests.support.provider import offline
from tests.support.provider.offline import ENVIRONMENT, planned, resources

Plan = dict[str, Any]

MEME_ID = "AAECAwQFBgcICQoLDA0ODw-0"


def alone(plan: Plan, kind: str) -> dict[str, Any]:
    """The values of the only resource of a type."""
    (values,) = resources(plan, kind).values()
    return values


def transformed(name: str, metadata: dict[str, str], code: str) -> dict[str, str] | None:
    """What the topic tells of an object of the memes bucket."""
    told = completed({"name": name, "metadata": metadata, "mediaLink": "https://…"}, code)
    return None if told is None else json.loads(told["data"])


def test_nothing_optional_comes_unasked(plan: Plan):
    kinds = {each["type"] for each in planned(plan)}
    assert not {kind for kind in kinds if kind.startswith("google_compute_")}
    assert not kinds & {
        "google_billing_budget",
        "google_monitoring_notification_channel",
        "google_pubsub_topic",
        "google_storage_notification",
    }
    assert set(functions(plan)) == {"memegen-on-upload", "memegen-api", "memegen-sweep"}
    apis = {api["service"] for api in resources(plan, "google_project_service").values()}
    assert not apis & {"compute.googleapis.com", "billingbudgets.googleapis.com"}


def test_uploaders_and_readers_have_one_bucket_each(full_plan: Plan):
    people = {grant for grant in grants(full_plan) if "@example.com" in grant[0]}
    assert {grant for grant in people if not grant[1].startswith("roles/pubsub.")} == {
        ("user:ann@example.com", "roles/storage.objectUser", "memes2-memes-4711-uploads"),
        ("group:friends@example.com", "roles/storage.objectViewer", "memes2-memes-4711-memes"),
    }
    assert {(who, role) for who, role, _ in people if role.startswith("roles/pubsub.")} == {
        ("group:friends@example.com", "roles/pubsub.subscriber")
    }


def test_report_topic_tells_of_the_memes_bucket_and_of_reports_only(full_plan: Plan):
    notification = alone(full_plan, "google_storage_notification")
    assert notification["bucket"] == "memes2-memes-4711-memes"
    assert notification["event_types"] == ["OBJECT_FINALIZE"]
    topics = resources(full_plan, "google_pubsub_topic")
    (transform,) = topics["google_pubsub_topic.reports[0]"]["message_transforms"]
    (code,) = transform["javascript_udf"]
    assert code["function_name"] == "completed"
    written = {"source-generation": "7", "status": "done"}
    assert transformed("a.jpg.json", written, code["code"]) == {
        "name": "a.jpg",
        "generation": "7",
        "status": "done",
    }
    assert transformed("a.jpg.meme.jpg", {"source-generation": "7"}, code["code"]) is None


def test_prefixes_are_told_to_those_that_make_memes_and_to_no_other(plan: Plan, full_plan: Plan):
    told = {
        name: {
            key: json.loads(value)
            for key, value in function["service_config"][0]["environment_variables"].items()
            if key.endswith("_PREFIXES")
        }
        for name, function in functions(full_plan).items()
    }
    chosen = {"INCLUDE_PREFIXES": ["in/", "photos/"], "EXCLUDE_PREFIXES": ["in/raw/"]}
    makers = {"memes2-on-upload": chosen, "memes2-sweep": chosen}
    assert told == {"memes2-api": {}, "memes2-stop": {}, "memes2-canary": {}} | makers
    assert "_PREFIXES" not in str(plan["planned_values"])


def test_only_billing_may_publish_to_the_budgets_topic_and_its_messages_call_stop(full_plan: Plan):
    topics = resources(full_plan, "google_pubsub_topic")
    assert topics["google_pubsub_topic.budget[0]"]["name"] == "memes2-budget"
    publishers = [
        (each["member"], each["role"])
        for each in resources(full_plan, "google_pubsub_topic_iam_member").values()
        if each["topic"] == "memes2-budget"
    ]
    billing = "serviceAccount:billing-budget-alert@system.gserviceaccount.com"
    assert publishers == [(billing, "roles/pubsub.publisher")]
    rule = configured(full_plan, "google_billing_budget.month")
    assert "google_pubsub_topic_iam_member.billing_publishes" in rule["depends_on"]
    (told,) = alone(full_plan, "google_billing_budget")["all_updates_rule"]
    assert told["schema_version"] == "1.0"
    stop = functions(full_plan)["memes2-stop"]
    (trigger,) = stop["event_trigger"]
    assert (trigger["event_type"], trigger["retry_policy"]) == (PUBLISHED, "RETRY_POLICY_RETRY")
    assert trigger["event_filters"] == []
    (service,) = stop["service_config"]
    assert service["environment_variables"]["API_SERVICE"] == (
        "projects/memes-4711/locations/us-east4/services/memes2-api"
    )
    assert (service["ingress_settings"], service["max_instance_count"]) == ("ALLOW_INTERNAL_ONLY", 1)


def test_stop_may_change_the_apis_rights_and_nothing_else(full_plan: Plan):
    of = "serviceAccount:memes2-{}@memes-4711.iam.gserviceaccount.com".format
    assert {grant for grant in grants(full_plan) if grant[0] == of("stop")} == {
        (of("stop"), "roles/run.admin", "memes2-api")
    }
    assert (of("trigger"), "roles/run.invoker", "memes2-stop") in grants(full_plan)


def test_a_quarter_of_an_hour_apart_the_canary_flies_to_the_api_and_has_no_right_itself(full_plan: Plan):
    job = resources(full_plan, "google_cloud_scheduler_job")['google_cloud_scheduler_job.job["canary"]']
    (target,) = job["http_target"]
    assert job["schedule"] == "*/15 * * * *"
    assert (target["http_method"], target["headers"]) == ("POST", {"Content-Type": "application/json"})
    assert json.loads(base64.b64decode(target["body"])) == {"api": "https://api.memes.example.com"}
    assert not [grant for grant in grants(full_plan) if grant[0].startswith("serviceAccount:memes2-canary@")]
    invokers = {grant[0] for grant in grants(full_plan) if grant[2] == "memes2-canary"}
    assert invokers == {"serviceAccount:memes2-scheduler@memes-4711.iam.gserviceaccount.com"}
    (service,) = functions(full_plan)["memes2-canary"]["service_config"]
    # A call waits 30 s, the meme two minutes; the run ends before its caller gives up and the next begins.
    assert canary.PATIENCE_SECONDS + 5 * 30 < service["timeout_seconds"] == 300
    assert 300 < int(job["attempt_deadline"].removesuffix("s")) < 15 * 60


def test_labels_are_on_everything_that_takes_labels(full_plan: Plan):
    schemas = json.loads((ENVIRONMENT / "terraform" / "google.json").read_text())["resource"]
    taking = [
        each
        for each in planned(full_plan)
        if each["type"] in schemas and "labels" in schemas[each["type"]]["attributes"]
    ]
    notified = "google_monitoring_notification_channel"  # whose labels are its address
    assert len(taking) > 10
    for each in taking:
        if each["type"] != notified:
            assert each["values"]["labels"] == {"team": "memes"}, each["address"]


def test_the_duration_is_what_on_upload_logs(plan: Plan):
    duration = resources(plan, "google_logging_metric")["google_logging_metric.duration"]
    assert duration["value_extractor"] == "EXTRACT(jsonPayload.total_ms)"
    assert duration["metric_descriptor"][0]["value_type"] == "DISTRIBUTION"


def test_the_dashboard_shows_every_metric(plan: Plan):
    shown = json.dumps(json.loads(alone(plan, "google_monitoring_dashboard")["dashboard_json"]))
    for metric in resources(plan, "google_logging_metric").values():
        assert f"logging.googleapis.com/user/{metric['name']}" in shown


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://memegen-api-abc-ew.a.run.app/health", True),
        ("https://memegen-api-abc-ew.a.run.app/uploads", True),
        (f"https://memegen-api-abc-ew.a.run.app/memes/{MEME_ID}", False),
        (f"https://memegen-api-abc-ew.a.run.app/memes/{MEME_ID}/remix", False),
        (f"https://memegen-api-abc-ew.a.run.app/%6Demes/{MEME_ID}", False),
        ("https://memegen-api-abc-ew.a.run.app/s/AAECAwQFBgcICQoLDA0ODw", False),
        ("https://memegen-api-abc-ew.a.run.app/s/AAECAwQFBgcICQoLDA0ODw.jpg", False),
        (f"https://memegen-api-abc-ew.a.run.app/uploads?of=/memes/{MEME_ID}", False),
        (f"https://memegen-api-abc-ew.a.run.app//memes/{MEME_ID}/health", False),
    ],
)
def test_request_logs_keep_no_path_with_an_id(plan: Plan, url: str, kept: bool):
    exclusion = alone(plan, "google_logging_project_exclusion")
    found = re.search(r'AND NOT httpRequest\.requestUrl=~"(.+)"$', exclusion["filter"])
    assert found
    assert bool(re.search(found[1], url)) == kept
    assert 'resource.labels.service_name="memegen-api"' in exclusion["filter"]


def test_photos_outlive_the_time_until_they_are_given_up(plan: Plan):
    uploads = buckets(plan)["memegen-memes-4711-uploads"]
    (days,) = [
        rule["condition"][0]["age"]
        for rule in uploads["lifecycle_rule"]
        if rule["action"][0]["type"] == "Delete"
    ]
    assert days * 24 * 3600 > GIVE_UP_AFTER.total_seconds()


def test_email_gets_alerts_and_the_budgets_notices(full_plan: Plan):
    channel = alone(full_plan, "google_monitoring_notification_channel")
    assert (channel["type"], channel["labels"]) == ("email", {"email_address": "ann@example.com"})
    alert = configured(full_plan, "google_monitoring_alert_policy.alert")
    assert "local.channels" in alert["expressions"]["notification_channels"]["references"]
    budget = alone(full_plan, "google_billing_budget")
    assert budget["billing_account"] == "012345-6789AB-CDEF01"
    assert budget["amount"][0]["specified_amount"][0]["units"] == "20"
    assert [rule["threshold_percent"] for rule in budget["threshold_rules"]] == [0.5, 0.9, 1]
    assert len(budget["all_updates_rule"]) == 1


def test_with_a_domain_nobody_goes_around_the_load_balancer(full_plan: Plan):
    (service,) = functions(full_plan)["memes2-api"]["service_config"]
    assert service["ingress_settings"] == "ALLOW_INTERNAL_AND_GCLB"
    # The page's other address goes on working.
    both = ["https://memes2-memes-4711-site.storage.googleapis.com", "https://memes.example.com"]
    assert service["environment_variables"]["PAGE_ORIGINS"] == ",".join(both)
    for name in ("uploads", "memes"):
        (cors,) = buckets(full_plan)[f"memes2-memes-4711-{name}"]["cors"]
        assert cors["origin"] == both


def test_a_domain_that_is_not_live_yet_changes_nothing_that_runs(plan: Plan, configuration: Path):
    made = offline.plan(configuration, domain="memes.example.com")
    before, after = (
        dict(functions(each)["memegen-api"]["service_config"][0], environment_variables=None)
        for each in (plan, made)
    )
    origins = [
        functions(each)["memegen-api"]["service_config"][0]["environment_variables"]["PAGE_ORIGINS"]
        for each in (plan, made)
    ]
    assert origins == [PAGE_ORIGIN, f"{PAGE_ORIGIN},https://memes.example.com"]
    assert before == after
    assert made["planned_values"]["outputs"]["page_url"] == plan["planned_values"]["outputs"]["page_url"]
    assert alone(made, "google_compute_managed_ssl_certificate")


def test_the_domain_has_https_only_with_security_headers(full_plan: Plan):
    (certificate,) = alone(full_plan, "google_compute_managed_ssl_certificate")["managed"]
    assert certificate["domains"] == ["memes.example.com", "api.memes.example.com"]
    tls = alone(full_plan, "google_compute_ssl_policy")
    assert (tls["profile"], tls["min_tls_version"]) == ("MODERN", "TLS_1_2")
    redirect = resources(full_plan, "google_compute_url_map")["google_compute_url_map.redirect[0]"]
    assert redirect["default_url_redirect"][0]["https_redirect"]
    rules = resources(full_plan, "google_compute_global_forwarding_rule")
    assert {rule["port_range"] for rule in rules.values()} == {"80", "443"}
    assert (
        "google_compute_target_http_proxy.redirect[0].id"
        in configured(full_plan, "google_compute_global_forwarding_rule.redirect")["expressions"]["target"][
            "references"
        ]
    )
    for kind in ("google_compute_backend_bucket", "google_compute_backend_service"):
        names = {header.partition(":")[0] for header in alone(full_plan, kind)["custom_response_headers"]}
        assert names >= {"Strict-Transport-Security", "X-Content-Type-Options", "Content-Security-Policy"}


def test_the_domain_has_a_cdn_and_a_rate_limit_and_logs_no_request(full_plan: Plan):
    assert alone(full_plan, "google_compute_backend_bucket")["enable_cdn"]
    assert alone(full_plan, "google_compute_backend_bucket")["bucket_name"] == "memes2-memes-4711-site"
    rules = sorted(
        alone(full_plan, "google_compute_security_policy")["rule"], key=lambda rule: rule["priority"]
    )
    assert [rule["action"] for rule in rules] == ["throttle", "throttle", "allow"]
    assert rules[-1]["priority"] == 2147483647
    for rule, count in zip(rules, (24, 120), strict=False):
        (limit,) = rule["rate_limit_options"]
        assert (limit["conform_action"], limit["exceed_action"]) == ("allow", "deny(429)")
        assert limit["enforce_on_key"] == "IP"
        assert limit["rate_limit_threshold"] == [{"count": count, "interval_sec": 60}]
    (uploads,), (everybody,) = (rule["match"] for rule in rules[:2])
    assert uploads["expr"][0]["expression"] == (
        "request.method == 'POST' && !request.path.startsWith('/memes/')"
    )
    assert everybody["config"] == [{"src_ip_ranges": ["*"]}]
    # It counts for all instances, so that none does by itself.
    (service,) = functions(full_plan)["memes2-api"]["service_config"]
    assert not {"REQUESTS_PER_MINUTE", "UPLOADS_PER_MINUTE"} & set(service["environment_variables"])
    assert alone(full_plan, "google_compute_backend_service")["log_config"][0]["enable"] is False
    service = configured(full_plan, "google_compute_backend_service.api")
    assert (
        "google_compute_security_policy.api[0].id" in service["expressions"]["security_policy"]["references"]
    )


def test_uploads_may_have_a_limit_of_their_own(configuration: Path):
    limits = {"requests_per_minute": 200, "uploads_per_minute": 7}
    (service,) = functions(offline.plan(configuration, **limits))["memegen-api"]["service_config"]
    variables = service["environment_variables"]
    assert (variables["REQUESTS_PER_MINUTE"], variables["UPLOADS_PER_MINUTE"]) == ("200", "7")


def test_the_load_balancer_leads_to_the_api_and_the_page(full_plan: Plan):
    group = alone(full_plan, "google_compute_region_network_endpoint_group")
    assert group["network_endpoint_type"] == "SERVERLESS"
    assert [each["service"] for each in group["cloud_run"]] == ["memes2-api"]
    service = alone(full_plan, "google_compute_backend_service")
    assert (service["load_balancing_scheme"], service["protocol"]) == ("EXTERNAL_MANAGED", "HTTPS")
    rules = resources(full_plan, "google_compute_global_forwarding_rule")
    ways = {address: (rule["load_balancing_scheme"], rule["port_range"]) for address, rule in rules.items()}
    assert ways == {
        "google_compute_global_forwarding_rule.https[0]": ("EXTERNAL_MANAGED", "443"),
        "google_compute_global_forwarding_rule.redirect[0]": ("EXTERNAL_MANAGED", "80"),
    }
    (hosts,) = resources(full_plan, "google_compute_url_map")["google_compute_url_map.https[0]"]["host_rule"]
    assert hosts["hosts"] == ["api.memes.example.com"]
    leads = {
        ("google_compute_url_map.https", "default_service"): "google_compute_backend_bucket.page[0].id",
        ("google_compute_target_https_proxy.https", "url_map"): "google_compute_url_map.https[0].id",
        ("google_compute_target_https_proxy.https", "ssl_policy"): "google_compute_ssl_policy.domain[0].id",
        ("google_compute_target_http_proxy.redirect", "url_map"): "google_compute_url_map.redirect[0].id",
        (
            "google_compute_global_forwarding_rule.https",
            "target",
        ): "google_compute_target_https_proxy.https[0].id",
        (
            "google_compute_global_forwarding_rule.https",
            "ip_address",
        ): "google_compute_global_address.domain[0].id",
    }
    for (address, argument), target in leads.items():
        assert target in configured(full_plan, address)["expressions"][argument]["references"], address
    (paths,) = configured(full_plan, "google_compute_url_map.https")["expressions"]["path_matcher"]
    assert "google_compute_backend_service.api[0].id" in paths["default_service"]["references"]


def test_notifications_wait_for_the_right_to_publish(full_plan: Plan):
    assert configured(full_plan, "google_storage_notification.reports")["depends_on"] == ["time_sleep.grants"]


def test_the_domain_is_what_the_outputs_say(full_plan: Plan):
    outputs = {name: output.get("value") for name, output in full_plan["planned_values"]["outputs"].items()}
    assert outputs["page_url"] == "https://memes.example.com/"
    assert outputs["api_url"] == "https://api.memes.example.com"


def test_where_all_users_are_refused_nothing_is_public(configuration: Path):
    plan = offline.plan(configuration, public=False)
    assert not {grant for grant in grants(plan) if grant[0].startswith("all")}
    assert resources(plan, "google_monitoring_uptime_check_config") == {}
    assert set(functions(plan)) == {"memegen-on-upload", "memegen-api", "memegen-sweep"}
