"""What wakes an operator: each alert's filter against Google's metrics, its platform's lines and our own."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cloud.logs import log
from cloud.sweep import Sweep
from infra.local.stack.stack import ROOT
from tests.infra.test_plan import configured
from tests.support.filters import matches_log, matches_series, metric_filter
from tests.support.provider.offline import resources

PLATFORM = Path(__file__).parent / "platform"
METRICS = json.loads((PLATFORM / "metrics.json").read_text())
LINES: dict[str, dict[str, Any]] = json.loads((PLATFORM / "log_lines.json").read_text())["lines"]

TITLES = {
    "swept": "uploads swept",
    "no-sweep": "no sweep",
    "backlog": "events wait",
    "errors": "errors",
    "busy": "requests refused",
    "slow": "slow memes",
    "sent": "much is sent",
    "gave-up": "photos given up",
    "uptime-api": "api is down",
    "uptime-page": "page is down",
}

OPTIONAL = {
    "stopped": "api stopped",
    "canary": "canary failed",
    "sent-domain": "much is sent by the domain",
}

# Which kinds and values an aligner takes: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/Aligner
ALIGNERS = {
    "ALIGN_DELTA": ({"DELTA"}, {"INT64", "DOUBLE", "DISTRIBUTION"}),
    "ALIGN_RATE": ({"DELTA"}, {"INT64", "DOUBLE"}),
    "ALIGN_SUM": ({"GAUGE", "DELTA"}, {"INT64", "DOUBLE", "DISTRIBUTION"}),
    "ALIGN_MAX": ({"GAUGE", "DELTA"}, {"INT64", "DOUBLE"}),
    "ALIGN_NEXT_OLDER": ({"GAUGE"}, {"INT64", "DOUBLE", "BOOL", "STRING", "DISTRIBUTION"}),
    "ALIGN_PERCENTILE_95": ({"GAUGE", "DELTA"}, {"DISTRIBUTION"}),
    "ALIGN_PERCENTILE_99": ({"GAUGE", "DELTA"}, {"DISTRIBUTION"}),
}

Plan = dict[str, Any]
Condition = dict[str, Any]


def conditions(plan: Plan) -> dict[str, Condition]:
    """Key of each alert → its only condition's only part, with the part's kind."""
    found = {}
    for address, policy in resources(plan, "google_monitoring_alert_policy").items():
        (condition,) = policy["conditions"]
        kinds = ("condition_matched_log", "condition_threshold", "condition_absent")
        ((kind, part),) = [(kind, part) for kind in kinds for part in condition.get(kind, [])]
        found[address.split('"')[1]] = {"kind": kind, **part}
    return found


def filter_of(plan: Plan, key: str) -> str:
    """The filter of one alert. Of an uptime check only the cloud will tell the id."""
    return conditions(plan)[key].get("filter") or ""


def series(metric: str, resource: str, **labels: str) -> dict[str, str]:
    """A time series by its types and labels; labels of the resource are written `resource_…`."""
    named = {
        f"resource.label.{key.removeprefix('resource_')}"
        if key.startswith("resource_")
        else f"metric.label.{key}": value
        for key, value in labels.items()
    }
    return {"metric.type": metric, "resource.type": resource, **named}


def requests_to(service: str, code: str) -> dict[str, str]:
    labels = {"response_code": code, "response_code_class": f"{code[0]}xx"}
    return series(
        "run.googleapis.com/request_count", "cloud_run_revision", resource_service_name=service, **labels
    )


def written(capsys: pytest.CaptureFixture[str], service: str = "memegen-on-upload") -> dict[str, Any]:
    """What Cloud Logging makes of the one line that was just logged."""
    return entry(capsys.readouterr().out, service)


def entry(line: str, service: str) -> dict[str, Any]:
    """What Cloud Logging makes of a service's line on stdout.

    https://cloud.google.com/logging/docs/structured-logging: severity leaves the payload, the rest stays.
    """
    payload = json.loads(line)
    labels = {"service_name": service, "location": "europe-west1"}
    return {
        "severity": payload.pop("severity"),
        "resource": {"type": "cloud_run_revision", "labels": labels},
        "jsonPayload": payload,
    }


def test_these_are_the_alerts_and_each_has_one_condition(plan: Plan):
    named = {
        address.split('"')[1]: policy["display_name"]
        for address, policy in resources(plan, "google_monitoring_alert_policy").items()
    }
    assert named == {key: f"memegen: {title}" for key, title in TITLES.items()}
    kinds = {key: condition["kind"] for key, condition in conditions(plan).items()}
    assert {key for key, kind in kinds.items() if kind == "condition_matched_log"} == {"swept", "gave-up"}
    assert {key for key, kind in kinds.items() if kind == "condition_absent"} == {"no-sweep"}


def test_what_is_optional_brings_its_own_alert(full_plan: Plan):
    named = {
        address.split('"')[1]: policy["display_name"]
        for address, policy in resources(full_plan, "google_monitoring_alert_policy").items()
    }
    assert named == {key: f"memes2: {title}" for key, title in (TITLES | OPTIONAL).items()}
    found = conditions(full_plan)
    assert found["stopped"]["kind"] == "condition_matched_log"
    assert found["canary"]["kind"] == "condition_absent"
    # Three flights in a row: one that fails is no reason to wake anyone.
    assert (found["canary"]["duration"], found["canary"]["aggregations"][0]["cross_series_reducer"]) == (
        "2700s",
        "REDUCE_SUM",
    )


def test_the_optional_alerts_take_what_they_are_about_and_no_other(
    full_plan: Plan, capsys: pytest.CaptureFixture[str]
):
    canary = filter_of(full_plan, "canary")
    assert matches_series(canary, requests_to("memes2-canary", "200"))
    for other in (requests_to("memes2-canary", "503"), requests_to("memes2-sweep", "200")):
        assert not matches_series(canary, other)
    domain = filter_of(full_plan, "sent-domain")
    sent = "loadbalancing.googleapis.com/https/response_bytes_count"
    for rule in ("memes2-https", "memes2-redirect", "memegen-https"):
        by_rule = series(sent, "https_lb_rule", resource_forwarding_rule_name=rule)
        assert matches_series(domain, by_rule) == (rule == "memes2-https")
    limit = conditions(full_plan)["sent-domain"]["threshold_value"]
    assert limit == conditions(full_plan)["sent"]["threshold_value"]
    log("WARNING", "api stopped", cost=20.5, budget=20.0)
    line = written(capsys, "memes2-stop")
    assert matches_log(filter_of(full_plan, "stopped"), line)
    line["resource"]["labels"]["service_name"] = "memegen-stop"
    assert not matches_log(filter_of(full_plan, "stopped"), line)


@pytest.mark.parametrize("outcome", ["done", "failed"])
def test_the_canarys_photos_are_in_no_number(
    full_plan: Plan, capsys: pytest.CaptureFixture[str], outcome: str
):
    for known in ({}, {"canary": True}):
        log("INFO", f"upload {outcome}", total_ms=900.5, **known)
        line = written(capsys, "memes2-on-upload")
        metrics = resources(full_plan, "google_logging_metric").values()
        counted = {each["name"] for each in metrics if matches_log(each["filter"], line)}
        also = {"memes2/duration"} if outcome == "done" else set()
        assert counted == (set() if known else {f"memes2/{outcome}"} | also)
    for service in ("canary", "stop"):
        for key in ("errors", "busy"):
            assert not matches_series(filter_of(full_plan, key), requests_to(f"memes2-{service}", "500"))


def test_only_alerts_on_log_lines_have_a_limit_of_e_mails(plan: Plan):
    """Cloud Monitoring refuses the limit on any other alert."""
    for address, policy in resources(plan, "google_monitoring_alert_policy").items():
        (strategy,) = policy["alert_strategy"]
        on_lines = bool(policy["conditions"][0]["condition_matched_log"])
        assert bool(strategy["notification_rate_limit"]) == on_lines, address
        assert strategy["auto_close"] == "86400s"


def test_every_filter_names_metrics_resources_and_labels_that_google_has(full_plan: Plan):
    written_out = [
        (condition["filter"], condition["aggregations"])
        for condition in conditions(full_plan).values()
        if "aggregations" in condition and condition.get("filter")
    ]
    # The two whose check only apply will name, with a name put in.
    text = (ROOT / "infra" / "terraform" / "memegen" / "monitoring.tf").read_text().replace('\\"', '"')
    uptime = re.findall(r'"(metric\.type="monitoring\S+ .+ metric.label.check_id=)"\$', text)
    written_out += [(f'{uptime[0]}"memes2-api"', conditions(full_plan)["uptime-api"]["aggregations"])]
    assert len(written_out) >= 8
    for condition, (aggregation,) in written_out:
        wanted = metric_filter(condition)
        metric = METRICS["metrics"][wanted["metric.type"].pattern.replace("\\", "")]
        resource = wanted["resource.type"].pattern.replace("\\", "")
        assert resource in metric["resources"]
        for key in wanted:
            known = {
                "metric": metric["labels"],
                "resource": METRICS["resources"][resource],
            }[key.split(".")[0]]
            assert key.endswith(".type") or key.split(".")[2] in known, key
        kinds, values = ALIGNERS[aggregation["per_series_aligner"]]
        assert metric["kind"] in kinds
        assert metric["value"] in values


def test_every_chart_of_the_dashboard_shows_a_metric_with_an_aligner_that_it_takes(plan: Plan):
    (board,) = resources(plan, "google_monitoring_dashboard").values()
    for widget in json.loads(board["dashboard_json"])["gridLayout"]["widgets"]:
        (data,) = widget["xyChart"]["dataSets"]
        query = data["timeSeriesQuery"]["timeSeriesFilter"]
        wanted = metric_filter(query["filter"])
        assert wanted["resource.type"].fullmatch("cloud_run_revision"), widget["title"]
        for service in ("api", "on-upload", "sweep"):
            assert wanted["resource.label.service_name"].fullmatch(f"memegen-{service}")
        name = wanted["metric.type"].pattern.replace("\\", "")
        own = {"kind": "DELTA", "value": "DISTRIBUTION" if name.endswith("/duration") else "INT64"}
        metric = own if name.startswith("logging.googleapis.com/user/memegen/") else METRICS["metrics"][name]
        kinds, values = ALIGNERS[query["aggregation"]["perSeriesAligner"]]
        assert metric["kind"] in kinds, widget["title"]
        assert metric["value"] in values, widget["title"]


SUBSCRIPTION = "eventarc-europe-west1-memegen-on-upload-123456-sub-789"
OLDEST = "pubsub.googleapis.com/subscription/oldest_unacked_message_age"
SENT = "storage.googleapis.com/network/sent_bytes_count"


@pytest.mark.parametrize(
    ("key", "taken", "left"),
    [
        (
            "backlog",
            [series(OLDEST, "pubsub_subscription", resource_subscription_id=SUBSCRIPTION)],
            [
                series(
                    OLDEST,
                    "pubsub_subscription",
                    resource_subscription_id="eventarc-europe-west1-team-on-upload-1-sub-2",
                ),
                series(OLDEST, "pubsub_subscription", resource_subscription_id=f"{SUBSCRIPTION}-other"),
            ],
        ),
        (
            "errors",
            [requests_to(f"memegen-{name}", "500") for name in ("api", "on-upload", "sweep")]
            + [requests_to("memegen-api", "503")],
            [
                requests_to("memegen-api", "404"),
                requests_to("team-api", "500"),
                requests_to("memegen-api", "200"),
            ],
        ),
        (
            "busy",
            [requests_to("memegen-api", "429"), requests_to("memegen-on-upload", "429")],
            [requests_to("memegen-api", "503"), requests_to("memegen-api", "412")],
        ),
        (
            "no-sweep",
            [requests_to("memegen-sweep", "200")],
            [requests_to("memegen-sweep", "500"), requests_to("memegen-api", "200")],
        ),
        (
            "slow",
            [
                series(
                    "run.googleapis.com/request_latencies",
                    "cloud_run_revision",
                    resource_service_name="memegen-on-upload",
                )
            ],
            [
                series(
                    "run.googleapis.com/request_latencies",
                    "cloud_run_revision",
                    resource_service_name="memegen-sweep",
                )
            ],
        ),
        (
            "sent",
            [
                series(SENT, "gcs_bucket", resource_bucket_name=f"memegen-memes-4711-{name}")
                for name in ("memes", "site")
            ],
            [series(SENT, "gcs_bucket", resource_bucket_name="memegen-memes-4711-uploads")],
        ),
    ],
)
def test_an_alert_takes_the_series_that_it_is_about_and_no_other(
    plan: Plan, key: str, taken: Iterable[dict[str, str]], left: Iterable[dict[str, str]]
):
    condition = filter_of(plan, key)
    assert [matches_series(condition, each) for each in taken] == [True] * len(list(taken))
    assert [matches_series(condition, each) for each in left] == [False] * len(list(left))


def test_thresholds_are_those_of_the_texts(plan: Plan):
    """An error that heals stays below: five requests in five minutes, and so for five minutes more."""
    found = conditions(plan)
    limits = {
        key: (
            each["comparison"],
            each["threshold_value"],
            each["duration"],
            each["aggregations"][0]["alignment_period"],
        )
        for key, each in found.items()
        if each["kind"] == "condition_threshold"
    }
    gib = 1024**3
    above = "COMPARISON_GT"
    assert limits == {
        "backlog": (above, 900, "300s", "300s"),
        "errors": (above, 5, "300s", "300s"),
        "busy": (above, 100, "300s", "300s"),
        "slow": (above, 15_000, "300s", "300s"),
        "sent": (above, 10 * gib // 3600, "0s", "300s"),
        "uptime-api": (above, 1, "300s", "300s"),
        "uptime-page": (above, 1, "300s", "300s"),
    }
    reducers = {
        key: each["aggregations"][0]["cross_series_reducer"]
        for key, each in found.items()
        if "aggregations" in each
    }
    assert reducers == {
        "backlog": "REDUCE_MAX",
        "errors": "REDUCE_SUM",
        "busy": "REDUCE_SUM",
        "slow": "REDUCE_MAX",
        "sent": "REDUCE_SUM",
        "no-sweep": "REDUCE_SUM",
        "uptime-api": "REDUCE_COUNT_FALSE",
        "uptime-page": "REDUCE_COUNT_FALSE",
    }
    assert found["no-sweep"]["duration"] == "3600s"


def test_the_wire_cut_shows_the_condition_and_fixed_it_is_gone(
    plan: Plan, capsys: pytest.CaptureFixture[str]
):
    condition = filter_of(plan, "swept")
    for found in (2, 0):
        run = Sweep(looked_at=5, found=found, healed=found, failing=0, left=0, waiting=0)
        log("WARNING" if found else "INFO", "sweep done", **run.__dict__)
        line = written(capsys, "memegen-sweep")
        assert matches_log(condition, line) == (found > 0)
        metric = resources(plan, "google_logging_metric")['google_logging_metric.count["swept"]']
        assert matches_log(metric["filter"], line) == (found > 0)


@pytest.mark.parametrize("service", ["memegen-on-upload", "memegen-sweep"])
@pytest.mark.parametrize("outcome", ["done", "failed", "gave-up", "settled"])
def test_each_outcome_is_counted_once(
    plan: Plan, capsys: pytest.CaptureFixture[str], outcome: str, service: str
):
    log("ERROR" if outcome == "gave-up" else "INFO", f"upload {outcome}", total_ms=900.5)
    line = written(capsys, service)
    metrics = resources(plan, "google_logging_metric").values()
    counted = {each["name"] for each in metrics if matches_log(each["filter"], line)}
    expected = {"done": {"memegen/done", "memegen/duration"}, "settled": set()}
    assert counted == expected.get(outcome, {f"memegen/{outcome}"})
    assert matches_log(filter_of(plan, "gave-up"), line) == (outcome == "gave-up")
    assert not matches_log(filter_of(plan, "swept"), line)


@pytest.mark.parametrize(
    ("what", "errors", "excluded"),
    [
        ("on_upload may not be called", False, False),
        ("all instances of the api are busy", False, True),
        ("the api's instance crashed", True, True),
        ("an instance ran out of memory", True, False),
        ("the api is asked for its health", False, False),
        ("another installation's error", False, False),
    ],
)
def test_lines_of_the_platform_are_counted_and_left_out_as_they_should(
    plan: Plan, what: str, errors: bool, excluded: bool
):
    metrics = {each["name"]: each["filter"] for each in resources(plan, "google_logging_metric").values()}
    assert matches_log(metrics["memegen/errors"], LINES[what]) == errors
    (exclusion,) = resources(plan, "google_logging_project_exclusion").values()
    assert matches_log(exclusion["filter"], LINES[what]) == excluded
    for key in ("swept", "gave-up"):
        assert not matches_log(filter_of(plan, key), LINES[what])


def test_no_line_of_ours_is_left_out(plan: Plan, capsys: pytest.CaptureFixture[str]):
    (exclusion,) = resources(plan, "google_logging_project_exclusion").values()
    for service in ("memegen-api", "memegen-on-upload", "memegen-sweep"):
        log("ERROR", "api request failed", status=503, error="ServiceUnavailable")
        assert not matches_log(exclusion["filter"], written(capsys, service))


def test_a_single_error_that_the_next_try_heals_wakes_nobody(plan: Plan, capsys: pytest.CaptureFixture[str]):
    log("ERROR", "upload not processed, to be tried again", error="ServiceUnavailable", status=503)
    line = written(capsys)
    on_lines = [each for each in conditions(plan).values() if each["kind"] == "condition_matched_log"]
    assert len(on_lines) == 2
    assert not any(matches_log(each["filter"], line) for each in on_lines)


def test_api_and_page_are_asked_from_outside_where_everybody_may_go(plan: Plan, full_plan: Plan):
    checks = resources(full_plan, "google_monitoring_uptime_check_config")
    asked = {
        check["display_name"]: (
            check["monitored_resource"][0]["type"],
            check["monitored_resource"][0]["labels"],
            check["http_check"][0]["path"],
        )
        for check in checks.values()
    }
    assert asked == {
        "memes2 api": (
            "uptime_url",
            {"project_id": "memes-4711", "host": "api.memes.example.com"},
            "/health",
        ),
        "memes2 page": (
            "uptime_url",
            {"project_id": "memes-4711", "host": "memes.example.com"},
            "/index.html",
        ),
    }
    for check in checks.values():
        (request,) = check["http_check"]
        assert (request["port"], request["use_ssl"], request["validate_ssl"]) == (443, True, True)
        assert check["period"] == "300s"
    alert = configured(plan, "google_monitoring_alert_policy.alert")
    assert alert["for_each_expression"]["references"] == ["local.alerts"]
