"""Access tokens and what each account may do."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from google.api_core import exceptions
from google.auth import crypt, jwt

from infra.local.config.project import MEMES, UPLOADS
from infra.local.storage.accounts import GRANT_TYPE, make_key_files
from tests.local.storage import Storage

DEVELOPER = "developer@memegen-local.iam.gserviceaccount.com"


def key_of(cloud: Storage, account: str) -> crypt.RSASigner:
    return crypt.RSASigner.from_service_account_file(cloud.state / "accounts" / f"{account}.json")


def claims(cloud: Storage, **changed: object) -> dict[str, object]:
    now = int(time.time())
    return {"iss": DEVELOPER, "aud": f"{cloud.urls.storage}/token", "iat": now, "exp": now + 3600, **changed}


def exchange(cloud: Storage, assertion: bytes, grant_type: str = GRANT_TYPE) -> requests.Response:
    return requests.post(
        f"{cloud.urls.storage}/token", data={"grant_type": grant_type, "assertion": assertion.decode()}
    )


def test_signed_assertion_becomes_a_token_that_opens_the_storage(cloud: Storage):
    answer = exchange(cloud, jwt.encode(key_of(cloud, "developer"), claims(cloud))).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert requests.get(f"{cloud.urls.storage}/storage/v1/b/{MEMES}/o", headers=headers).status_code == 200


def test_bad_assertions_are_refused(cloud: Storage):
    key, hour = key_of(cloud, "developer"), 3600
    for assertion in (
        jwt.encode(key_of(cloud, "api"), claims(cloud)),
        jwt.encode(key, claims(cloud, iss="nobody@example.com")),
        jwt.encode(key, claims(cloud, aud="https://example.com/token")),
        jwt.encode(key, claims(cloud, iat=int(time.time()) - 2 * hour, exp=int(time.time()) - hour)),
        jwt.encode(key, claims(cloud))[:-4] + b"AAAA",
        jwt.encode(key, claims(cloud), header={"alg": "none"}),
        b"no assertion",
        b"",
    ):
        answer = exchange(cloud, assertion)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    refused = exchange(cloud, jwt.encode(key, claims(cloud)), grant_type="password")
    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("authorization", [None, "Bearer nothing", "Bearer ", "Basic eDp5"])
def test_without_a_token_nothing_opens(cloud: Storage, authorization: str | None):
    headers = {"Authorization": authorization} if authorization else {}
    for method, path in (
        ("GET", f"/storage/v1/b/{MEMES}/o"),
        ("GET", f"/storage/v1/b/{MEMES}/o/x?alt=media"),
        ("POST", f"/upload/storage/v1/b/{MEMES}/o?uploadType=media&name=x"),
        ("DELETE", f"/storage/v1/b/{MEMES}/o/x"),
    ):
        answer = requests.request(method, cloud.urls.storage + path, headers=headers, data=b"")
        assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (401, "authError")


# What the accounts need for their part of the flow, and no more.
RIGHTS = {
    "on-upload": {UPLOADS: {"get", "list"}, MEMES: {"get", "list", "create", "replace", "delete", "update"}},
    "api": {bucket: {"get", "list", "create", "replace", "delete", "update"} for bucket in (UPLOADS, MEMES)},
    "signing": {UPLOADS: {"create"}, MEMES: {"get", "list"}},
    "developer": {
        bucket: {"get", "list", "create", "replace", "delete", "update"} for bucket in (UPLOADS, MEMES)
    },
}


@pytest.mark.parametrize("bucket_name", [UPLOADS, MEMES])
@pytest.mark.parametrize("account", sorted(RIGHTS))
def test_rights(cloud: Storage, account: str, bucket_name: str):
    mine, there = cloud.bucket(bucket_name, account), f"rights/{account}"
    cloud.bucket(bucket_name).blob(there).upload_from_string(b"1")
    deeds = {
        "get": lambda: mine.blob(there).download_as_bytes(),
        "list": lambda: list(mine.list_blobs(prefix="rights/")),
        "create": lambda: mine.blob(f"{there}/new").upload_from_string(b"1", if_generation_match=0),
        "replace": lambda: mine.blob(there).upload_from_string(b"2"),
        "update": lambda: mine.blob(there).patch(),
        "delete": lambda: mine.delete_blob(there),
    }
    allowed = set()
    for deed, attempt in deeds.items():
        try:
            attempt()
        except exceptions.Forbidden:
            continue
        allowed.add(deed)
    assert allowed == RIGHTS[account][bucket_name]


def test_rewrite_needs_the_source_too(cloud: Storage):
    cloud.bucket(UPLOADS).blob("rights/source").upload_from_string(b"1")
    mine = cloud.bucket(UPLOADS, "signing")
    with pytest.raises(exceptions.Forbidden):
        mine.blob("rights/target").rewrite(mine.blob("rights/source"))


def test_key_files_stay_but_follow_the_token_address(tmp_path: Path):
    make_key_files(tmp_path, "http://localhost:1/token")
    first = json.loads((tmp_path / "api.json").read_text())
    make_key_files(tmp_path, "http://localhost:2/token")
    assert json.loads((tmp_path / "api.json").read_text()) == {
        **first,
        "token_uri": "http://localhost:2/token",
    }
    assert first["client_email"] == "api@memegen-local.iam.gserviceaccount.com"
    assert first["project_id"] == "memegen-local"
    assert (tmp_path / "api.json").stat().st_mode & 0o077 == 0


def print_token(state: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra.local.print_access_token", "--state", str(state)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_token_for_curl_opens_the_storage(cloud: Storage):
    printed = print_token(cloud.state)
    assert (printed.returncode, printed.stderr) == (0, "")
    headers = {"Authorization": f"Bearer {printed.stdout.strip()}"}
    assert requests.get(f"{cloud.urls.storage}/storage/v1/b/{UPLOADS}/o", headers=headers).status_code == 200


def test_token_without_a_stack_says_what_to_do(tmp_path: Path):
    printed = print_token(tmp_path)
    assert (printed.returncode, printed.stdout) == (1, "")
    assert "make run" in printed.stderr
