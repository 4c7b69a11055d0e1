"""Who may do what, in the plan: each account exactly its roles, on the project only the stated few."""

from typing import Any

from tests.support.provider.offline import planned, resources

Plan = dict[str, Any]

BUCKET = "memegen-memes-4711-{}".format
PLACES = {
    "google_artifact_registry_repository_iam_member": "repository",
    "google_cloud_run_v2_service_iam_member": "name",
    "google_project_iam_member": "project",
    "google_pubsub_topic_iam_member": "topic",
    "google_service_account_iam_member": "service_account_id",
    "google_storage_bucket_iam_member": "bucket",
}
"""Kind of grant → the attribute that says on what."""


def email(account: str) -> str:
    return f"memegen-{account}@memes-4711.iam.gserviceaccount.com"


def grants(plan: Plan) -> set[tuple[str, str, str]]:
    """Member, role and on what, of every grant in the plan; each kind of grant must be in PLACES."""
    found = planned(plan)
    return {
        (each["values"].get("member", "known after apply"), each["values"]["role"], place(each))
        for each in found
        if "_iam_" in each["type"]
    }


def place(grant: dict[str, Any]) -> str:
    return grant["values"][PLACES[grant["type"]]]


def roles_of(plan: Plan, account: str) -> set[tuple[str, str]]:
    member = f"serviceAccount:{email(account)}"
    return {(role, where) for who, role, where in grants(plan) if who == member}


def test_on_upload_reads_uploads_and_writes_memes(plan: Plan):
    assert roles_of(plan, "on-upload") == {
        ("roles/storage.objectViewer", BUCKET("uploads")),
        ("roles/storage.objectUser", BUCKET("memes")),
    }


def test_api_uses_both_buckets_and_signs_as_the_signing_account(plan: Plan):
    signing = f"projects/memes-4711/serviceAccounts/{email('signing')}"
    assert roles_of(plan, "api") == {
        ("roles/storage.objectUser", BUCKET("uploads")),
        ("roles/storage.objectUser", BUCKET("memes")),
        ("roles/iam.serviceAccountTokenCreator", signing),
    }


def test_a_signed_url_can_make_an_upload_and_read_a_meme(plan: Plan):
    assert roles_of(plan, "signing") == {
        ("roles/storage.objectCreator", BUCKET("uploads")),
        ("roles/storage.objectViewer", BUCKET("memes")),
    }


def test_trigger_receives_events_and_calls_on_upload(plan: Plan):
    assert roles_of(plan, "trigger") == {
        ("roles/eventarc.eventReceiver", "memes-4711"),
        ("roles/run.invoker", "memegen-on-upload"),
    }


def test_sweep_has_what_on_upload_has_and_the_scheduler_calls_it(plan: Plan):
    assert roles_of(plan, "sweep") == roles_of(plan, "on-upload")
    assert roles_of(plan, "scheduler") == {("roles/run.invoker", "memegen-sweep")}


def test_build_reads_sources_and_writes_images_and_logs(plan: Plan):
    assert roles_of(plan, "build") == {
        ("roles/storage.objectViewer", BUCKET("source")),
        ("roles/artifactregistry.writer", "memegen-functions"),
        ("roles/logging.logWriter", "memes-4711"),
        ("roles/storage.objectViewer", "memes-4711"),
    }


def test_build_reads_no_bucket_of_the_project_but_the_copied_sources(plan: Plan):
    grant = resources(plan, "google_project_iam_member")[
        "google_project_iam_member.build_reads_copied_sources"
    ]
    (condition,) = grant["condition"]
    assert condition["expression"] == 'resource.name.startsWith("projects/_/buckets/gcf-v2-sources-")'


def test_project_wide_roles_are_the_stated_few(plan: Plan):
    wide = resources(plan, "google_project_iam_member")
    assert sorted(grant["role"] for grant in wide.values()) == [
        "roles/eventarc.eventReceiver",
        "roles/logging.logWriter",
        "roles/pubsub.publisher",
        "roles/storage.objectViewer",
    ]
    kinds = {each["type"] for each in planned(plan)}
    assert not {
        kind for kind in kinds if kind.startswith("google_") and kind.endswith(("_binding", "_policy"))
    } - {"google_monitoring_alert_policy"}


def test_cloud_storage_itself_publishes_events_by_a_grant_of_this_installations_own(
    plan: Plan, full_plan: Plan
):
    titles = set()
    for each in (plan, full_plan):
        (publisher,) = [
            grant
            for grant in resources(each, "google_project_iam_member").values()
            if grant["role"] == "roles/pubsub.publisher"
        ]
        number = "123456789012"
        assert (
            publisher["member"]
            == f"serviceAccount:service-{number}@gs-project-accounts.iam.gserviceaccount.com"
        )
        (condition,) = publisher["condition"]
        assert condition["expression"] == 'request.time > timestamp("2021-01-01T00:00:00Z")'
        titles.add(condition["title"])
    assert len(titles) == 2


def test_everyone_may_call_the_api_and_read_the_page_and_nothing_else(plan: Plan, full_plan: Plan):
    for deployment, name in ((plan, "memegen"), (full_plan, "memes2")):
        assert {grant for grant in grants(deployment) if grant[0].startswith("all")} == {
            ("allUsers", "roles/run.invoker", f"{name}-api"),
            ("allUsers", "roles/storage.legacyObjectReader", f"{name}-memes-4711-site"),
        }


def test_nothing_runs_as_the_default_account(plan: Plan):
    used = {}
    for function in resources(plan, "google_cloudfunctions2_function").values():
        (build,), (service,) = function["build_config"], function["service_config"]
        used[function["name"]] = (build["service_account"], service["service_account_email"])
        for trigger in function["event_trigger"]:
            assert trigger["service_account_email"] == email("trigger")
    build_account = f"projects/memes-4711/serviceAccounts/{email('build')}"
    assert used == {
        "memegen-on-upload": (build_account, email("on-upload")),
        "memegen-sweep": (build_account, email("sweep")),
        "memegen-api": (build_account, email("api")),
    }
    made = {each["account_id"] for each in resources(plan, "google_service_account").values()}
    names = ("on-upload", "sweep", "scheduler", "api", "signing", "trigger", "build")
    assert made == {f"memegen-{name}" for name in names}
    assert resources(plan, "google_service_account_key") == {}
