"""Storage alone, for tests: the gateway, and a receiver in place of on_upload."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from google.cloud import storage
from google.oauth2.service_account import Credentials

from infra.local.config import project
from infra.local.config.addresses import Addresses, Ports
from infra.local.stack.stack import gateway
from infra.local.storage.accounts import make_key_files

PATIENCE = 300
"""Seconds until a test gives up on something that must come, on a machine however slow; never asserted."""


@dataclass
class Receiver:
    """Takes events as on_upload would and answers with `status(headers)`."""

    port: int
    status: Callable[[Mapping[str, str]], int] = lambda _: 204
    events: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, subject: str, count: int = 1) -> list[tuple[dict[str, str], bytes]]:
        """The events of that subject, once there are `count` of them."""

        def found() -> list[tuple[dict[str, str], bytes]]:
            return [event for event in self.events if event[0]["ce-subject"] == subject]

        with self.changed:
            assert self.changed.wait_for(lambda: len(found()) >= count, PATIENCE), f"no event for {subject}"
            return found()

    @contextmanager
    def running(self) -> Iterator["Receiver"]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                with receiver.changed:
                    receiver.events.append((headers, body))
                    receiver.changed.notify_all()
                self.send_response(receiver.status(headers))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


@dataclass(frozen=True)
class Storage:
    """The gateway on a state folder."""

    state: Path
    ports: Ports

    @property
    def urls(self) -> Addresses:
        return Addresses(self.ports)

    @contextmanager
    def running(self) -> Iterator["Storage"]:
        make_key_files(self.state / "accounts", f"{self.urls.storage}/token")
        process = gateway(self.state, self.ports)
        try:
            process.start()
            process.wait_ready()
            yield self
        finally:
            process.terminate()
            process.wait_stopped()

    def credentials(self, account: str) -> Credentials:
        return Credentials.from_service_account_file(self.state / "accounts" / f"{account}.json")

    def client(self, account: str = "developer") -> storage.Client:
        return storage.Client.from_service_account_json(
            self.state / "accounts" / f"{account}.json", client_options={"api_endpoint": self.urls.storage}
        )

    def bucket(self, name: str, account: str = "developer") -> storage.Bucket:
        return self.client(account).bucket(name)

    def signed_url(self, bucket: str, name: str, account: str = "signing", **options: object) -> str:
        """A V4 URL signed by google-cloud-storage, on the bucket's own host unless an option changes that."""
        own_host = self.urls.uploads if bucket == project.UPLOADS else self.urls.memes
        options = {"version": "v4", "expiration": timedelta(minutes=10), **options}
        if "api_access_endpoint" not in options:
            options.setdefault("bucket_bound_hostname", own_host)
        client = storage.Client(project=project.PROJECT, credentials=self.credentials(account))
        return client.bucket(bucket).blob(name).generate_signed_url(**options)
