"""The page's files as a deployment writes them: the same as the local cloud's, but for the addresses."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.local.storage import site
from tests.support.provider import offline
from tests.support.provider.offline import ROOT, resources, terraform

SITE = "https://memegen-memes-4711-site.storage.googleapis.com"
API = "https://memegen-api-abc123-ew.a.run.app"
UPLOADS = "https://memegen-memes-4711-uploads.storage.googleapis.com"
MEMES = "https://memegen-memes-4711-memes.storage.googleapis.com"

MOCKED_API = """
mock_provider "time" {}
mock_provider "google" {
  override_during = plan
  mock_resource "google_cloudfunctions2_function" {
    defaults = { service_config = { uri = "%s" } }
  }
}
run "page" {
  command = plan
  module {
    source = "./memegen"
  }
  assert {
    condition     = google_storage_bucket_object.page["config.js"].content == file("expected/config.js")
    error_message = "config.js differs."
  }
  assert {
    condition     = google_storage_bucket_object.page["index.html"].content == file("expected/index.html")
    error_message = "index.html differs."
  }
  assert {
    condition     = google_storage_bucket_object.page["sw.js"].content == file("expected/sw.js")
    error_message = "sw.js differs."
  }
}
"""


def page(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    objects = resources(plan, "google_storage_bucket_object").items()
    return {each["name"]: each for address, each in objects if ".page[" in address}


def expect(folder: Path, api: str) -> None:
    """Writes what the local cloud's own functions make of the page for these addresses."""
    (folder / "expected").mkdir(exist_ok=True)
    source = (ROOT / "web" / "index.html").read_text()
    (folder / "expected" / "config.js").write_text(site.config_js(api, UPLOADS, MEMES))
    (folder / "expected" / "index.html").write_text(site.index_html(source, api, UPLOADS, MEMES, SITE))
    worker = site.service_worker_js(ROOT / "web", api, UPLOADS, MEMES, SITE)
    (folder / "expected" / "sw.js").write_text(worker)


def test_generated_files_are_the_local_clouds_byte_for_byte(configuration: Path):
    test = configuration / "tests" / "site.tftest.hcl"
    # Terraform makes config.js itself, so the folder of the page need not have the file.
    (configuration.parents[1] / "web" / "config.js").unlink(missing_ok=True)
    test.write_text(MOCKED_API % API)
    offline.find_modules(configuration)
    arguments = ("test", "-no-color", "-filter=tests/site.tftest.hcl", f"-var=project_id={offline.PROJECT}")
    expect(configuration, API)
    assert "1 passed, 0 failed" in terraform(configuration, *arguments)
    expect(configuration, "https://elsewhere.example.com")
    with pytest.raises(offline.TerraformError, match=r"config\.js differs"):
        terraform(configuration, *arguments)


def test_with_a_domain_the_page_talks_to_its_api(full_plan: dict[str, Any]):
    assert page(full_plan)["config.js"]["content"].startswith(
        'export const api = "https://api.memes.example.com";\n'
        'export const uploads = "https://memes2-memes-4711-uploads.storage.googleapis.com";\n'
    )
    assert (
        "connect-src 'self' https://api.memes.example.com https://memes2-"
        in page(full_plan)["index.html"]["content"]
    )
    assert (
        '<meta property="og:image" content="https://memes.example.com/samples/preview.jpg">'
        in page(full_plan)["index.html"]["content"]
    )


def test_code_is_asked_for_anew_and_pictures_last_a_day(plan: dict[str, Any]):
    for name, deployed in page(plan).items():
        code = Path(name).suffix in (".html", ".js", ".css", ".webmanifest")
        assert deployed["cache_control"] == ("no-cache" if code else "public, max-age=86400"), name


def test_no_name_of_a_bucket_holds_a_dot(full_plan: dict[str, Any]):
    assert "." not in json.dumps(
        [each["name"] for each in resources(full_plan, "google_storage_bucket").values()]
    )
