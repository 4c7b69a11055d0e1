"""What a plan of which only the project is said holds: buckets, CORS, functions, trigger, archive."""

from pathlib import Path
from typing import Any

from cloud.names import shared_name
from cloud.signing import upload_headers
from cloud.sweep import RUN_SECONDS, TRY_AFTER
from infra.local.stack.stack import ROOT, SWEEP_SECONDS
from memegen.contract import SIGNED_UPLOAD_HEADERS
from tests.support.provider import offline
from tests.support.provider.offline import planned, resources, written

Plan = dict[str, Any]

REGION = "europe-west1"
UPLOADS, MEMES = "memegen-memes-4711-uploads", "memegen-memes-4711-memes"
SITE, SOURCE = "memegen-memes-4711-site", "memegen-memes-4711-source"
PAGE_ORIGIN = "https://memegen-memes-4711-site.storage.googleapis.com"


def buckets(plan: Plan) -> dict[str, dict[str, Any]]:
    return {bucket["name"]: bucket for bucket in resources(plan, "google_storage_bucket").values()}


def functions(plan: Plan) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in resources(plan, "google_cloudfunctions2_function").values()}


def configured(plan: Plan, address: str) -> dict[str, Any]:
    """A resource as it is written, without its count or for_each."""
    (resource,) = [each for each in written(plan)["resources"] if each["address"] == address]
    return resource


def conditions(bucket: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Of each lifecycle rule what it does, and what must hold for it."""
    return [
        (rule["action"][0]["type"], {name: value for name, value in rule["condition"][0].items() if value})
        for rule in bucket["lifecycle_rule"]
    ]


def test_only_the_project_must_be_said(plan: Plan):
    for variables in (plan["configuration"]["root_module"]["variables"], written(plan)["variables"]):
        assert [name for name, variable in variables.items() if "default" not in variable] == ["project_id"]


def test_there_are_four_buckets_with_one_kind_of_access(plan: Plan):
    assert set(buckets(plan)) == {UPLOADS, MEMES, SITE, SOURCE}
    assert all(bucket["uniform_bucket_level_access"] for bucket in buckets(plan).values())
    prevention = {name: bucket["public_access_prevention"] for name, bucket in buckets(plan).items()}
    assert prevention == {UPLOADS: "enforced", MEMES: "enforced", SOURCE: "enforced", SITE: "inherited"}


def test_no_destroy_empties_a_bucket_unasked(plan: Plan):
    assert not any(bucket["force_destroy"] for bucket in buckets(plan).values())


def test_photos_go_after_a_day_and_memes_after_a_week(plan: Plan):
    aborts = ("AbortIncompleteMultipartUpload", {"age": 1})
    assert conditions(buckets(plan)[UPLOADS]) == [("Delete", {"age": 1}), aborts]
    memes = [each for each in conditions(buckets(plan)[MEMES]) if "matches_prefix" not in each[1]]
    assert memes == [("Delete", {"age": 7}), aborts]
    assert not buckets(plan)[SITE]["lifecycle_rule"]
    assert not buckets(plan)[SOURCE]["lifecycle_rule"]


def shared_conditions(plan: Plan) -> list[dict[str, Any]]:
    """Of the rules that delete shared copies, what must hold."""
    found = [each for _, each in conditions(buckets(plan)[MEMES]) if "matches_prefix" in each]
    assert all(shared_name("x").startswith(*each.pop("matches_prefix")) for each in found)
    return found


def test_a_shared_copy_goes_with_its_meme(plan: Plan):
    assert shared_conditions(plan) == [
        {"days_since_custom_time": 7},
        {"days_since_custom_time": 7, "age": 7},
    ]


def test_where_memes_are_kept_for_longer_a_shared_copy_goes_after_a_week(configuration: Path):
    assert shared_conditions(offline.plan(configuration, meme_days=30)) == [
        {"days_since_custom_time": 30},
        {"days_since_custom_time": 7, "age": 7},
    ]


def test_what_was_deleted_is_gone(plan: Plan):
    for name in (UPLOADS, MEMES):
        assert buckets(plan)[name]["soft_delete_policy"] == [{"retention_duration_seconds": 0}]
        assert buckets(plan)[name]["versioning"] == [{"enabled": False}]


def test_the_page_alone_may_send_photos_and_read_memes(plan: Plan):
    (upload,) = buckets(plan)[UPLOADS]["cors"]
    (meme,) = buckets(plan)[MEMES]["cors"]
    assert (upload["origin"], upload["method"]) == ([PAGE_ORIGIN], ["PUT"])
    assert (meme["origin"], meme["method"]) == ([PAGE_ORIGIN], ["GET", "HEAD"])
    assert not buckets(plan)[SITE]["cors"]
    assert not buckets(plan)[SOURCE]["cors"]


def test_a_browser_may_send_every_header_that_the_api_signs(plan: Plan):
    (cors,) = buckets(plan)[UPLOADS]["cors"]
    signed = upload_headers("image/jpeg", options="e30")
    assert set(cors["response_header"]) == set(signed) == set(SIGNED_UPLOAD_HEADERS)


def test_the_functions_are_what_the_code_needs(plan: Plan):
    entry_points = {"memegen-on-upload": "on_upload", "memegen-api": "api", "memegen-sweep": "sweep"}
    assert set(functions(plan)) == set(entry_points)
    for function, entry_point in entry_points.items():
        (build,) = functions(plan)[function]["build_config"]
        (service,) = functions(plan)[function]["service_config"]
        assert (build["runtime"], build["entry_point"]) == ("python311", entry_point)
        assert (service["available_memory"], service["available_cpu"]) == ("1Gi", "1")
        most = 1 if function == "memegen-sweep" else 10
        assert (service["min_instance_count"], service["max_instance_count"]) == (0, most)


def test_time_limits_leave_room_for_the_work_and_end_before_the_event_system_gives_up(plan: Plan):
    """A photo takes at most 5 s, a call of storage 40 s; Eventarc waits ten minutes for an answer."""
    limits = {
        name: function["service_config"][0]["timeout_seconds"] for name, function in functions(plan).items()
    }
    assert limits == {"memegen-on-upload": 120, "memegen-api": 60, "memegen-sweep": 540}
    assert RUN_SECONDS + limits["memegen-on-upload"] <= limits["memegen-sweep"] == SWEEP_SECONDS < 600


def test_every_ten_minutes_one_sweep_runs_and_nobody_else_may_call_it(plan: Plan):
    (job,) = resources(plan, "google_cloud_scheduler_job").values()
    assert job["name"] == "memegen-sweep"
    assert (job["schedule"], job["time_zone"]) == ("*/10 * * * *", "Etc/UTC")
    assert TRY_AFTER[0].total_seconds() == 600
    assert 540 < int(job["attempt_deadline"].removesuffix("s")) < 600
    assert job["retry_config"][0]["retry_count"] == 0
    (target,) = job["http_target"]
    assert target["http_method"] == "POST"
    assert target["oidc_token"][0]["service_account_email"] == (
        "memegen-scheduler@memes-4711.iam.gserviceaccount.com"
    )
    called = configured(plan, "google_cloud_scheduler_job.job")["expressions"]["http_target"][0]
    for argument in (called["uri"], called["oidc_token"][0]["audience"]):
        assert {"google_cloudfunctions2_function.function", "each.key"} <= set(argument["references"])
    (service,) = functions(plan)["memegen-sweep"]["service_config"]
    assert service["ingress_settings"] == "ALLOW_INTERNAL_ONLY"
    assert service["max_instance_request_concurrency"] == 1
    assert service["environment_variables"] == {
        "GOOGLE_CLOUD_PROJECT": "memes-4711",
        "UPLOADS_BUCKET": UPLOADS,
        "MEMES_BUCKET": MEMES,
    }
    invokers = resources(plan, "google_cloud_run_v2_service_iam_member").values()
    assert [each["member"] for each in invokers if each["name"] == "memegen-sweep"] == [
        "serviceAccount:memegen-scheduler@memes-4711.iam.gserviceaccount.com"
    ]


def test_who_may_call_a_function_is_granted_again_when_the_function_is_made_again(plan: Plan):
    """A binding lies on the Cloud Run service and goes with it. A plan shows nothing of a lifecycle."""
    text = (ROOT / "infra" / "terraform" / "memegen" / "functions.tf").read_text()
    assert "replace_triggered_by = [google_cloudfunctions2_function.function[each.key].id]" in text
    callers = resources(plan, "google_cloud_run_v2_service_iam_member")
    assert set(callers) == {
        f'google_cloud_run_v2_service_iam_member.caller["{key}"]' for key in ("on_upload", "api", "sweep")
    }


def test_on_upload_takes_one_photo_at_a_time_and_nothing_from_outside(plan: Plan):
    (service,) = functions(plan)["memegen-on-upload"]["service_config"]
    assert service["max_instance_request_concurrency"] == 1
    assert service["ingress_settings"] == "ALLOW_INTERNAL_ONLY"
    assert service["environment_variables"] == {
        "GOOGLE_CLOUD_PROJECT": "memes-4711",
        "UPLOADS_BUCKET": UPLOADS,
        "MEMES_BUCKET": MEMES,
    }


def test_the_api_takes_many_requests_at_once_from_everywhere(plan: Plan):
    (service,) = functions(plan)["memegen-api"]["service_config"]
    assert service["max_instance_request_concurrency"] == 16
    assert service["ingress_settings"] == "ALLOW_ALL"
    assert service["environment_variables"] == {
        "GOOGLE_CLOUD_PROJECT": "memes-4711",
        "UPLOADS_BUCKET": UPLOADS,
        "MEMES_BUCKET": MEMES,
        "PAGE_ORIGINS": PAGE_ORIGIN,
        "PAGE_URL": f"{PAGE_ORIGIN}/index.html",
        "SIGNING_ACCOUNT": "memegen-signing@memes-4711.iam.gserviceaccount.com",
        "THREADS": "16",
        "REQUESTS_PER_MINUTE": "300",
        "UPLOADS_PER_MINUTE": "60",
    }


def test_finished_uploads_alone_call_on_upload_until_it_has_answered(plan: Plan):
    assert functions(plan)["memegen-api"]["event_trigger"] == []
    (trigger,) = functions(plan)["memegen-on-upload"]["event_trigger"]
    assert trigger["event_type"] == "google.cloud.storage.object.v1.finalized"
    assert [(each["attribute"], each["value"]) for each in trigger["event_filters"]] == [("bucket", UPLOADS)]
    assert trigger["retry_policy"] == "RETRY_POLICY_RETRY"
    for kind in ("google_eventarc_trigger", "google_storage_notification", "google_pubsub_topic"):
        assert resources(plan, kind) == {}


def test_regions_agree(plan: Plan, full_plan: Plan):
    for deployment, region in ((plan, REGION), (full_plan, "us-east4")):
        places = {
            each["location"]
            for kind in ("bucket", "function", "repository", "service_iam_member", "repository_iam_member")
            for name in planned(deployment)
            if name["type"].endswith(kind) and "location" in (each := name["values"])
        }
        assert places == {region}
        triggers = [each for function in functions(deployment).values() for each in function["event_trigger"]]
        assert {trigger["trigger_region"] for trigger in triggers} == {region}


def test_the_name_starts_everything(full_plan: Plan):
    named = {
        each["address"]: each["values"].get("account_id")
        or each["values"].get("repository_id")
        or each["values"].get("display_name")
        or each["values"]["name"]
        for each in planned(full_plan)
        if {"name", "account_id", "repository_id", "display_name"} & set(each["values"])
        and not each["type"].endswith(("_object", "_iam_member"))
    }
    assert len(named) > 25
    assert {address: name for address, name in named.items() if not name.startswith("memes2")} == {}


def test_apis_stay_on_after_a_destroy(plan: Plan):
    apis = resources(plan, "google_project_service").values()
    assert {"run.googleapis.com", "eventarc.googleapis.com", "iamcredentials.googleapis.com"} <= {
        api["service"] for api in apis
    }
    assert not any(api["disable_on_destroy"] for api in apis)


def test_a_first_apply_waits_for_apis_and_grants(plan: Plan):
    assert configured(plan, "time_sleep.apis")["depends_on"] == ["google_project_service.api"]
    waited_for = set(configured(plan, "time_sleep.grants")["depends_on"])
    runtime = {
        "google_storage_bucket_iam_member.anyone_reads_site",
        "google_storage_bucket_iam_member.uploader",
    }
    runtime |= {"google_storage_bucket_iam_member.reader", "google_pubsub_topic_iam_member.reader"}
    runtime |= {"google_pubsub_topic_iam_member.billing_publishes"}
    grants = {
        each["address"]
        for each in written(plan)["resources"]
        if each["type"].endswith("_iam_member") and not each["type"].startswith("google_cloud_run")
    }
    assert waited_for == grants - runtime
    assert "time_sleep.grants" in configured(plan, "google_cloudfunctions2_function.function")["depends_on"]


def test_first_waits_are_as_long_as_new_roles_and_apis_take(plan: Plan):
    waits = {address: each["create_duration"] for address, each in resources(plan, "time_sleep").items()}
    assert waits == {"time_sleep.apis": "60s", "time_sleep.grants": "120s"}


def test_the_apis_that_are_switched_on_are_those_in_use(plan: Plan, full_plan: Plan):
    apis = [
        {each["service"].removesuffix(".googleapis.com") for each in resources(made, kind).values()}
        for kind in ["google_project_service"]
        for made in (plan, full_plan)
    ]
    assert apis[0] == {
        *("artifactregistry", "cloudbuild", "clouderrorreporting", "cloudfunctions", "cloudresourcemanager"),
        *(
            "cloudscheduler",
            "eventarc",
            "iam",
            "iamcredentials",
            "logging",
            "monitoring",
            "pubsub",
            "run",
            "storage",
        ),
    }
    assert apis[1] == apis[0] | {"billingbudgets", "compute"}


def test_functions_are_built_after_their_archive_into_the_repository_of_images(plan: Plan):
    written_so = configured(plan, "google_cloudfunctions2_function.function")
    assert set(written_so["depends_on"]) == {"google_storage_bucket_object.archive", "time_sleep.grants"}
    (build,) = written_so["expressions"]["build_config"]
    assert "google_artifact_registry_repository.images.id" in build["docker_repository"]["references"]
    (images,) = resources(plan, "google_artifact_registry_repository").values()
    policies = {each["action"]: each for each in images["cleanup_policies"]}
    assert policies["KEEP"]["most_recent_versions"] == [{"keep_count": 3, "package_name_prefixes": None}]
    assert policies["DELETE"]["condition"][0]["older_than"] == "2592000s"


def test_providers_have_exact_versions_and_bill_this_project(plan: Plan):
    providers = plan["configuration"]["provider_config"]
    assert {
        name: each.get("version_constraint")
        for name, each in providers.items()
        if "." not in name and ":" not in name
    } == {
        "google": "8.7.0",
        "time": "0.14.2",
    }
    google = providers["google"]["expressions"]
    assert google["billing_project"] == {"references": ["var.project_id"]}
    assert google["user_project_override"] == {"constant_value": True}


def test_outputs_tell_how_to_use_it(plan: Plan):
    outputs = {name: output.get("value") for name, output in plan["planned_values"]["outputs"].items()}
    assert outputs["page_url"] == f"{PAGE_ORIGIN}/index.html"
    assert (outputs["uploads_bucket"], outputs["memes_bucket"]) == (UPLOADS, MEMES)
    assert outputs["upload_command"].startswith(f"gcloud storage cp me.jpg gs://{UPLOADS}/ ")
    assert "api_url" in outputs
