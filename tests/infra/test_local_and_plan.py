"""What stands on one machine for the deployment is what Terraform's plan deploys."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Request

from cloud.settings import Settings
from infra.local.config import permissions, project
from infra.local.stack.stack import ROOT
from infra.local.storage import site
from tests.support.provider.offline import (
    PROJECT,
    copy_configuration,
    local_permissions,
    plan,
    resources,
)


@pytest.fixture
def planned(plan: dict[str, Any]) -> dict[str, Any]:
    """The plan that the folder's tests share, of which only the project is said."""
    return plan


def test_gateway_enforces_the_roles_of_the_plan(planned: dict[str, Any]):
    """`python -m tests.support.provider.offline` makes them equal again."""
    assert json.loads(permissions.FILE.read_text()) == local_permissions(planned)


@pytest.mark.parametrize(("bucket", "local"), [("uploads", project.UPLOADS), ("memes", project.MEMES)])
def test_gateway_has_the_cors_lists_of_the_plan(planned: dict[str, Any], bucket: str, local: str):
    [entry] = resources(planned, "google_storage_bucket")[f'google_storage_bucket.pictures["{bucket}"]'][
        "cors"
    ]
    origin = f"https://memegen-{PROJECT}-site.storage.googleapis.com"
    assert project.cors(origin)[local] == [
        {
            "origin": entry["origin"],
            "method": entry["method"],
            "responseHeader": entry["response_header"],
            "maxAgeSeconds": entry["max_age_seconds"],
        }
    ]


def test_trigger_of_the_plan_is_on_the_bucket_that_the_gateway_tells_of(planned: dict[str, Any]):
    functions = resources(planned, "google_cloudfunctions2_function")
    [trigger] = functions['google_cloudfunctions2_function.function["on_upload"]']["event_trigger"]
    uploads = resources(planned, "google_storage_bucket")['google_storage_bucket.pictures["uploads"]']["name"]
    assert [each["value"] for each in trigger["event_filters"]] == [uploads]
    assert project.TRIGGER_BUCKET == project.UPLOADS


@pytest.mark.parametrize("function", ["api", "on_upload", "sweep"])
def test_functions_take_their_settings_from_the_environment_of_the_plan(
    planned: dict[str, Any], function: str
):
    deployed = resources(planned, "google_cloudfunctions2_function")[
        f'google_cloudfunctions2_function.function["{function}"]'
    ]
    [service] = deployed["service_config"]
    [build] = deployed["build_config"]
    # The platform sets FUNCTION_TARGET from the entry point.
    settings = Settings.from_environment(
        {**service["environment_variables"], "FUNCTION_TARGET": build["entry_point"]}
    )
    host = f"https://memegen-{PROJECT}-{{}}.storage.googleapis.com"
    signs = function == "api"
    assert settings == Settings(
        function=function,
        uploads_bucket=f"memegen-{PROJECT}-uploads",
        memes_bucket=f"memegen-{PROJECT}-memes",
        uploads_url=host.format("uploads"),
        memes_url=host.format("memes"),
        page_origins=(host.format("site"),) if signs else (),
        page_url=f"{host.format('site')}/index.html" if signs else "",
        signing_account=f"memegen-signing@{PROJECT}.iam.gserviceaccount.com" if signs else "",
        requests_per_minute=300 if signs else None,
        uploads_per_minute=60 if signs else None,
    )


@pytest.fixture(scope="module")
def planned_page(
    tmp_path_factory: pytest.TempPathFactory, terraform_ready: None
) -> dict[str, dict[str, Any]]:
    """The site's objects by name, with a domain: without one only apply tells the api's address."""
    made = plan(
        copy_configuration(tmp_path_factory.mktemp("domain")), domain="memes.example.com", domain_live=True
    )
    objects = resources(made, "google_storage_bucket_object")
    return {each["name"]: each for address, each in objects.items() if ".page[" in address}


def test_page_of_the_plan_is_written_as_the_local_site_writes_it(planned_page: dict[str, dict[str, Any]]):
    host = f"https://memegen-{PROJECT}-{{}}.storage.googleapis.com"
    urls = ("https://api.memes.example.com", host.format("uploads"), host.format("memes"))
    own = "https://memes.example.com"
    source = (ROOT / "web" / "index.html").read_text()
    assert planned_page["config.js"]["content"] == site.config_js(*urls)
    assert planned_page["index.html"]["content"] == site.index_html(source, *urls, own)
    assert planned_page["sw.js"]["content"] == site.service_worker_js(ROOT / "web", *urls, own)


def test_page_of_the_plan_has_all_files_with_the_headers_of_the_local_site(
    planned_page: dict[str, dict[str, Any]],
):
    files = {
        path.relative_to(ROOT / "web").as_posix() for path in (ROOT / "web").rglob("*") if path.is_file()
    }
    assert set(planned_page) == files | {"config.js"}
    addresses = ("http://localhost:1", "http://localhost:2", "http://localhost:3", "http://localhost:4")
    for name, planned in planned_page.items():
        request = Request.from_values(f"/{name}")
        local = site.answer(request, request.path, ROOT / "web", *addresses)
        assert (name, planned["content_type"]) == (name, local.content_type)
        assert (name, planned["cache_control"]) == (name, local.headers["Cache-Control"])


def test_roles_of_the_plan_are_named_for_the_accounts_here(planned: dict[str, Any]):
    assert set(local_permissions(planned)) == set(project.ACCOUNTS) - {"developer"}


def test_a_role_that_the_plan_lacks_is_missing_here(planned: dict[str, Any], tmp_path: Path):
    """The way from the plan to the gateway, with one grant taken out of the plan."""
    lacking = copy.deepcopy(planned)
    (module,) = lacking["planned_values"]["root_module"]["child_modules"]
    module["resources"] = [
        each
        for each in module["resources"]
        if not each["address"].endswith('google_storage_bucket_iam_member.account["on_upload memes"]')
    ]
    assert (
        resources(lacking, "google_storage_bucket_iam_member").keys()
        < resources(planned, "google_storage_bucket_iam_member").keys()
    )
    file = tmp_path / "permissions.json"
    file.write_text(json.dumps(local_permissions(lacking)))
    assert permissions.granted(file)["on-upload"] == {
        "uploads": frozenset({"storage.objects.get", "storage.objects.list"})
    }
