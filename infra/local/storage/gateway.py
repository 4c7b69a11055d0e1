"""The gateway is one process that stands in for Cloud Storage and for the site, each at a port of its own.

The stack runs it as `python -m infra.local.storage.gateway STATE PORTS RULES`, with the last two as JSON.
"""

import json
import logging
import sqlite3
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from traceback import format_tb
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from werkzeug import Request, Response

from cloud.server import Limits, RequestWorker
from infra.local.config import project
from infra.local.config.addresses import Addresses, Ports
from infra.local.config.delivery import LOCAL, Rules
from infra.local.storage import http_io, json_api, site
from infra.local.storage.accounts import Accounts
from infra.local.storage.blobs import Blobs
from infra.local.storage.database import Database
from infra.local.storage.errors import StorageError, as_xml
from infra.local.storage.events import Outbox, post
from infra.local.storage.json_api import JsonApi
from infra.local.storage.objects import Objects
from infra.local.storage.resources import StoredObject
from infra.local.storage.xml_api import XmlApi

log = logging.getLogger(__name__)

WEB = Path(__file__).parents[3] / "web"


class Gateway:
    """A WSGI application. The port at which a request arrives says for which host it is meant."""

    def __init__(
        self,
        state: Path,
        ports: Ports,
        rules: Rules = LOCAL,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        self._ports = ports
        self._addresses = addresses = Addresses(ports)
        database = Database(state / "objects.sqlite")
        deliver = post(addresses.on_upload, rules.queue_seconds or 0)
        self.outbox = Outbox(database, deliver, addresses.storage, rules)
        objects = Objects(database, Blobs(state / "contents"), self._on_finalize, self.outbox.wake)
        self._accounts = Accounts(state / "accounts", f"{addresses.storage}/token")
        cors_lists = project.cors(addresses.site)
        self._json_api = JsonApi(objects, self._accounts, cors_lists, addresses.storage)
        self._xml_api = XmlApi(objects, self._accounts, cors_lists, clock)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._answer(request)
        except Exception as error:
            # gunicorn would log the URL, and with a signed URL a reader of the log could do what it allows.
            log.error("%s\n%s", type(error).__name__, "".join(format_tb(error.__traceback__)))
            response = as_xml(
                StorageError("InternalError", "The gateway met an error of its own; see its log.")
            )
        return response(environ, start_response)

    def _on_finalize(self, rows: sqlite3.Connection, stored: StoredObject) -> None:
        if stored.bucket == project.TRIGGER_BUCKET:
            self.outbox.add(rows, stored)

    def _answer(self, request: Request) -> Response:
        port, ports, urls = int(request.environ["SERVER_PORT"]), self._ports, self._addresses
        path = http_io.raw_path(request)
        if port == ports.site:
            return site.answer(request, request.path, WEB, urls.api, urls.uploads, urls.memes, urls.site)
        if port == ports.uploads:
            return self._xml_api.answer(request, f"localhost:{port}", project.UPLOADS, path[1:])
        if port == ports.memes:
            return self._xml_api.answer(request, f"localhost:{port}", project.MEMES, path[1:])
        return self._storage(request, path)

    def _storage(self, request: Request, path: str) -> Response:
        if path == "/health":
            return Response(json.dumps({"status": "ok"}), content_type="application/json")
        if path == "/token":
            return self._accounts.token(request)
        if path.startswith(json_api.PREFIXES):
            return self._json_api.answer(request)
        bucket, _, name = path[1:].partition("/")
        return self._xml_api.answer(request, f"localhost:{self._ports.storage}", bucket, name)


class GatewayWorker(RequestWorker):
    """Gives a thread to a whole request alone. A slow line may take long over a photo, as in the cloud."""

    limits = Limits(body_bytes=1 << 30, per_pause=True)


class Server(BaseApplication):
    """gunicorn with one worker process, whose threads answer at all ports of the gateway."""

    def __init__(self, state: Path, ports: Ports, rules: Rules):
        self._state = state
        self._gateway_ports = ports
        self._rules = rules
        super().__init__()

    def load_config(self) -> None:
        ports = self._gateway_ports
        self.cfg.set(
            "bind", [f"127.0.0.1:{port}" for port in (ports.site, ports.storage, ports.uploads, ports.memes)]
        )
        settings = {
            "worker_class": GatewayWorker,
            "threads": 32,
            "timeout": 0,
            "graceful_timeout": 2,
            "limit_request_line": 0,
            "limit_request_field_size": 0,
            "loglevel": "warning",
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Gateway:
        gateway = Gateway(self._state, self._gateway_ports, self._rules)
        gateway.outbox.start()
        return gateway


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    state, ports, rules = sys.argv[1:]
    Server(Path(state), Ports(**json.loads(ports)), Rules(**json.loads(rules))).run()
