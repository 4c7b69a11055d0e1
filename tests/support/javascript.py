"""Runs JavaScript of the repository in a real engine, the one that Playwright's package carries."""

import json
import subprocess
from pathlib import Path
from typing import Any

import playwright

NODE = Path(playwright.__file__).parent / "driver" / "node"


def completed(resource: dict[str, Any], code: str) -> dict[str, Any] | None:
    """What the topic's transform `completed` makes of Cloud Storage's message about an object, or None.

    resource: the object's, as in https://cloud.google.com/storage/docs/json_api/v1/objects. The message is in
    the form of https://cloud.google.com/storage/docs/pubsub-notifications#format.
    """
    attributes = {
        "eventTime": "2026-11-30T12:00:00.000Z",
        "eventType": "OBJECT_FINALIZE",
        "objectId": resource["name"],
    }
    message = {"data": json.dumps(resource), "attributes": attributes}
    script = f"{code}\nconsole.log(JSON.stringify(completed({json.dumps(message)}, {{}})));"
    done = subprocess.run([NODE, "-e", script], capture_output=True, text=True, check=True, timeout=60)
    told: dict[str, Any] | None = json.loads(done.stdout)
    return told
