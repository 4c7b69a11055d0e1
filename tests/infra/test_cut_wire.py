"""The wire from storage to on_upload is cut on this machine: the alert shows, and is gone once it is back."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from infra.local.stack.stack import Stack
from tests.infra.test_alerts import entry, filter_of
from tests.support.cut_wire import cut_wire
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
    with cut_wire(tmp_path) as wire:
        stack, cloud = wire.stack, wire.cloud
        cloud.upload("lost.png", photo.getvalue())
        wire.lose_an_hour()
        assert matches_log(condition, swept(stack))
        assert cloud.report("lost.png.json")["status"] == "done"

        wire.mend()
        cloud.upload("mended.png", photo.getvalue())
        cloud.report("mended.png.json")
        cloud.settle()
        wire.lose_an_hour()
        assert not matches_log(condition, swept(stack))
