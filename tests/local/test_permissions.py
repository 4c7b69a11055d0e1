"""What roles allow at the gateway, and how it answers when an object is not there."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from google.auth import crypt, jwt
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from infra.local.config import permissions, project
from infra.local.config.addresses import Ports
from infra.local.config.project import MEMES
from infra.local.stack import stack
from infra.local.stack.processes import StackError
from infra.local.storage.accounts import GRANT_TYPE, Accounts
from infra.local.storage.blobs import Blobs
from infra.local.storage.database import Database
from infra.local.storage.json_api import JsonApi
from infra.local.storage.objects import Objects
from infra.local.storage.xml_api import XmlApi
from tests.local.storage import Storage

SIGNING = "signing@memegen-local.iam.gserviceaccount.com"
WITHOUT_LIST = frozenset(f"storage.objects.{verb}" for verb in ("get", "update", "delete", "create"))


def test_roles_of_the_file_become_permissions(tmp_path: Path):
    file = tmp_path / "permissions.json"
    roles = {
        "on-upload": {"uploads": ["roles/storage.objectViewer", "roles/storage.objectCreator"], "memes": []}
    }
    file.write_text(json.dumps(roles))
    assert permissions.granted(file) == {
        "on-upload": {
            "uploads": {"storage.objects.get", "storage.objects.list", "storage.objects.create"},
            "memes": frozenset(),
        }
    }


def test_role_that_is_not_known_is_named(tmp_path: Path):
    file = tmp_path / "permissions.json"
    file.write_text('{"api": {"uploads": ["roles/storage.objectUser", "roles/storage.admin"]}}')
    with pytest.raises(ValueError, match=r"^roles/storage\.admin is not known"):
        permissions.granted(file)


def test_api_without_the_role_to_sign_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(project.ACCOUNTS["api"], "signing", frozenset())
    with pytest.raises(StackError, match="api may not sign as signing"):
        stack.function("api", tmp_path, Ports())


class Local:
    """The gateway's two interfaces without its process, where the account signing has these permissions."""

    def __init__(self, cloud: Storage, folder: Path, allowed: frozenset[str]):
        self.cloud = cloud
        key_files = cloud.state / "accounts"
        accounts = Accounts(key_files, f"{cloud.urls.storage}/token", {"signing": {MEMES: allowed}})
        database = Database(folder / "objects.sqlite")
        objects = Objects(database, Blobs(folder / "contents"), lambda *_: None, lambda: None)
        objects.create(MEMES, "there", {}, b"1")
        lists = project.cors(cloud.urls.site)
        self.json_api = JsonApi(objects, accounts, lists, cloud.urls.storage)
        self.xml_api = XmlApi(objects, accounts, lists, lambda: datetime.now(UTC))
        signer = crypt.RSASigner.from_service_account_file(key_files / "signing.json")
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": SIGNING, "aud": f"{cloud.urls.storage}/token", "iat": now, "exp": now + 60}
        form = {"grant_type": GRANT_TYPE, "assertion": jwt.encode(signer, claims).decode()}
        self.token = accounts.token(request("POST", "/token", data=form)).json["access_token"]

    def json(self, method: str, path: str) -> int:
        bearer = {"Authorization": f"Bearer {self.token}"}
        return self.json_api.answer(
            request(method, f"/storage/v1/b/{MEMES}/o/{path}", headers=bearer)
        ).status_code

    def signed(self, method: str, name: str) -> int:
        url = urlsplit(self.cloud.signed_url(MEMES, name, method=method))
        asked = request(method, url.path, query_string=url.query, headers={"Host": url.netloc})
        return self.xml_api.answer(asked, url.netloc, MEMES, name).status_code


def request(method: str, path: str, **options: object) -> Request:
    environ = EnvironBuilder(path, method=method, **options).get_environ()
    return Request({**environ, "RAW_URI": path + ("?" + environ["QUERY_STRING"]).rstrip("?")})


@pytest.mark.parametrize(
    ("allowed", "status"),
    [(WITHOUT_LIST, 403), (WITHOUT_LIST | {"storage.objects.list"}, 404)],
    ids=["may not list", "may list"],
)
def test_object_that_is_not_there(cloud: Storage, tmp_path: Path, allowed: frozenset[str], status: int):
    local = Local(cloud, tmp_path, allowed)
    assert local.json("GET", "there") == 200
    assert local.signed("GET", "there") == 200
    for method, path in (
        ("GET", "none"),
        ("GET", "none?alt=media"),
        ("GET", "there?generation=1"),
        ("PATCH", "none"),
        ("DELETE", "none"),
        ("POST", f"none/rewriteTo/b/{MEMES}/o/x"),
        ("POST", f"none/copyTo/b/{MEMES}/o/x"),
    ):
        assert (method, path, local.json(method, path)) == (method, path, status)
    for method in ("GET", "HEAD", "DELETE"):
        assert (method, local.signed(method, "none")) == (method, status)


def test_without_the_right_itself_it_is_403_either_way(cloud: Storage, tmp_path: Path):
    local = Local(cloud, tmp_path, frozenset({"storage.objects.list"}))
    for name in ("there", "none"):
        assert (local.json("GET", name), local.signed("GET", name)) == (403, 403)


def test_patch_needs_to_read_the_object_too(cloud: Storage, tmp_path: Path):
    local = Local(cloud, tmp_path, frozenset({"storage.objects.list", "storage.objects.update"}))
    assert local.json("PATCH", "there") == 403
