"""The wire from storage to on_upload is cut on this machine: the alert shows, and is gone once it is back."""

import io
from pathlib import Path
from typing import Any

from google.cloud import storage
from PIL import Image

from infra.local.config.addresses import Ports
from infra.local.stack.stack import Stack
from tests.functions.test_sweep import drop_events_and_age
from tests.infra.test_alerts import entry, filter_of
from tests.support.buckets import Cloud
from tests.support.filters import matches_log


def swept(stack: Stack) -> dict[str, Any]:
    """The entry of the one line that a sweep, which runs now, writes when it is done."""
    stack.sweep()
    log = (stack.state / "logs" / "sweep.log").read_text()
    (line,) = [line for line in log.splitlines() if '"message": "sweep done"' in line]
    return entry(line, "memegen-sweep")


def test_uploads_that_no_event_tells_of_raise_the_alert_until_events_come_again(
    plan: dict[str, Any], tmp_path: Path
):
    photo = io.BytesIO()
    Image.new("RGB", (160, 90), "teal").save(photo, "PNG")
    condition = filter_of(plan, "swept")
    with Stack(tmp_path, Ports.free()) as stack:
        client = storage.Client.from_service_account_json(
            stack.account_file("developer"), client_options={"api_endpoint": stack.storage_url}
        )
        cloud = Cloud(stack, client.bucket(stack.uploads_bucket), client.bucket(stack.memes_bucket))
        on_upload = next(process for process in stack.processes if process.name == "on_upload")
        on_upload.terminate()
        on_upload.wait_stopped()
        cloud.upload("lost.png", photo.getvalue())
        drop_events_and_age(stack)
        assert matches_log(condition, swept(stack))
        assert cloud.report("lost.png.json")["status"] == "done"

        on_upload.start()
        on_upload.wait_ready()
        cloud.upload("mended.png", photo.getvalue())
        cloud.report("mended.png.json")
        cloud.settle()
        drop_events_and_age(stack)
        assert not matches_log(condition, swept(stack))
