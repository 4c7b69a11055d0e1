from pathlib import Path

import pytest

from cloud.selection import Selection
from cloud.settings import Settings, SettingsError

ENVIRONMENT = {
    "FUNCTION_TARGET": "api",
    "UPLOADS_BUCKET": "photos",
    "MEMES_BUCKET": "memes",
    "PAGE_URL": "https://site.storage.googleapis.com/index.html",
    "SIGNING_ACCOUNT": "signing@project.iam.gserviceaccount.com",
}


def test_in_the_cloud_five_variables_are_enough():
    assert Settings.from_environment(ENVIRONMENT) == Settings(
        function="api",
        uploads_bucket="photos",
        memes_bucket="memes",
        uploads_url="https://photos.storage.googleapis.com",
        memes_url="https://memes.storage.googleapis.com",
        page_origins=(),
        page_url="https://site.storage.googleapis.com/index.html",
        signing_account="signing@project.iam.gserviceaccount.com",
        signing_key_file=None,
        storage_endpoint=None,
    )


def test_on_one_machine_all_are_set(tmp_path: Path):
    key = tmp_path / "signing.json"
    key.write_text("{}")
    settings = Settings.from_environment(
        {
            **ENVIRONMENT,
            "UPLOADS_URL": "http://localhost:8084/",
            "MEMES_URL": "http://localhost:8085",
            "STORAGE_ENDPOINT": "http://localhost:8083",
            "PAGE_ORIGINS": "http://localhost:8080, https://memes.example,",
            "SIGNING_KEY_FILE": str(key),
        }
    )
    assert settings.uploads_url == "http://localhost:8084"
    assert settings.memes_url == "http://localhost:8085"
    assert settings.storage_endpoint == "http://localhost:8083"
    assert settings.page_origins == ("http://localhost:8080", "https://memes.example")
    assert settings.signing_key_file == key


def test_the_request_limit_is_a_whole_number_or_left_out():
    def limit(value: str) -> int | None:
        return Settings.from_environment({**ENVIRONMENT, "REQUESTS_PER_MINUTE": value}).requests_per_minute

    assert (limit("300"), limit("")) == (300, None)
    for wrong in ("0", "-1", "1.5", "many", "1e3", "1000000"):
        with pytest.raises(SettingsError, match=r"^REQUESTS_PER_MINUTE is '.+'; it must be a whole number"):
            limit(wrong)


def test_of_the_requests_a_fifth_may_ask_for_uploads_unless_more_or_fewer_are_set():
    def limit(**values: str) -> int | None:
        return Settings.from_environment({**ENVIRONMENT, **values}).uploads_per_minute

    assert limit() is None
    assert limit(REQUESTS_PER_MINUTE="300") == 60
    assert limit(REQUESTS_PER_MINUTE="4") == 1
    assert limit(REQUESTS_PER_MINUTE="300", UPLOADS_PER_MINUTE="10") == 10
    assert limit(UPLOADS_PER_MINUTE="10") == 10
    with pytest.raises(SettingsError, match=r"^UPLOADS_PER_MINUTE is '0'"):
        limit(UPLOADS_PER_MINUTE="0")


def test_prefixes_are_lists_of_texts():
    def selection(value: str) -> Selection:
        environment = {**ENVIRONMENT, "INCLUDE_PREFIXES": value, "EXCLUDE_PREFIXES": '["in/raw/"]'}
        return Settings.from_environment(environment).selection

    assert selection('["in/", "a,b"]') == Selection(("in/", "a,b"), ("in/raw/",))
    assert selection("") == Selection((), ("in/raw/",))
    for wrong in ("in/", '"in/"', "[1]", '[""]', "{}"):
        with pytest.raises(SettingsError, match=r"^INCLUDE_PREFIXES is '.+'; it must be a JSON list"):
            selection(wrong)


def test_stop_needs_the_service_that_it_closes_and_no_signing_account():
    service = "projects/memes-4711/locations/europe-west1/services/memegen-api"
    environment = {**ENVIRONMENT, "FUNCTION_TARGET": "stop", "SIGNING_ACCOUNT": ""}
    assert Settings.from_environment({**environment, "API_SERVICE": service}).api_service == service
    for wrong in ("", "memegen-api", f"/{service}", f"{service}:delete/x"):
        with pytest.raises(SettingsError, match=r"^API_SERVICE is "):
            Settings.from_environment({**environment, "API_SERVICE": wrong})


def test_on_upload_signs_nothing():
    environment = {**ENVIRONMENT, "FUNCTION_TARGET": "on_upload"}
    del environment["SIGNING_ACCOUNT"]
    assert Settings.from_environment(environment).signing_account == ""


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
@pytest.mark.parametrize("empty", [False, True])
def test_a_missing_variable_is_named(name: str, empty: bool):
    environment = {**ENVIRONMENT, name: ""} if empty else {k: v for k, v in ENVIRONMENT.items() if k != name}
    with pytest.raises(SettingsError, match=f"^{name} is not set; it must be "):
        Settings.from_environment(environment)


def test_equal_buckets_are_refused():
    with pytest.raises(SettingsError, match="UPLOADS_BUCKET and MEMES_BUCKET are both 'photos'"):
        Settings.from_environment({**ENVIRONMENT, "MEMES_BUCKET": "photos"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FUNCTION_TARGET", "delete_all"),
        ("PAGE_ORIGINS", "*"),
        ("PAGE_ORIGINS", "https://memes.example/page"),
        ("PAGE_ORIGINS", "https://memes.example,null"),
        ("PAGE_URL", "https://memes.example"),
        ("PAGE_URL", "javascript:alert(1)//https://memes.example/"),
        ("PAGE_URL", 'https://memes.example/"'),
        ("UPLOADS_URL", "photos.storage.googleapis.com"),
        ("MEMES_URL", "https://storage.googleapis.com/memes"),
        ("STORAGE_ENDPOINT", "localhost:8083"),
        ("RUN_ENDPOINT", "localhost:8083"),
        ("SIGNING_KEY_FILE", "/nowhere/key.json"),
    ],
)
def test_a_wrong_variable_is_named_with_what_it_holds(name: str, value: str):
    with pytest.raises(SettingsError, match=f"^{name} (is|holds) ") as raised:
        Settings.from_environment({**ENVIRONMENT, name: value})
    assert repr(value.rsplit(",", maxsplit=1)[-1]) in str(raised.value)
