"""Lighthouse's scores of the start page on a phone (https://developer.chrome.com/docs/lighthouse)."""

import json
import os
import statistics
import subprocess
from typing import Any

PACKAGE = "lighthouse@12.8.2"  # the newest that runs on Node.js 20
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
VISITS = 3
TIMEOUT_SECONDS = 180


def scores(chromium: str, url: str) -> dict[str, float]:
    """0 to 100 by category, each the median of three. Raises CalledProcessError if Lighthouse fails."""
    visits = [_visit(chromium, url) for _ in range(VISITS)]
    return {name: statistics.median(visit[name] for visit in visits) for name in CATEGORIES}


def _visit(chromium: str, url: str) -> dict[str, float]:
    command = [
        *("npx", "--yes", PACKAGE, url, "--quiet", "--output=json", "--output-path=stdout"),
        "--form-factor=mobile",
        f"--only-categories={','.join(CATEGORIES)}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]
    done = subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        timeout=TIMEOUT_SECONDS,
        env={**os.environ, "CHROME_PATH": chromium},
    )
    found: dict[str, Any] = json.loads(done.stdout)["categories"]
    return {name: round(100 * found[name]["score"]) for name in CATEGORIES}
