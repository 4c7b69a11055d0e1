"""Debian's Chromium, started in the same way by tests and tools."""

import os
from pathlib import Path

from playwright.sync_api import Browser, Playwright

import memegen

_SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

# A bare machine has no letters for Hindi, Telugu and Japanese: the browser gets the captions' fonts too.
_FURTHER_FONTS = ("Mukta-ExtraBold.ttf", "NotoSansTelugu-Bold.ttf", "NotoSansJP-Bold.otf")
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}</dir>
</fontconfig>
"""


def launch(playwright: Playwright, executable: str, folder: Path, *further: str) -> Browser:
    """A browser with letters for all languages, and with further switches if need be; `folder` is its own."""
    for name in _FURTHER_FONTS:
        link = folder / name
        if not link.exists():
            link.symlink_to(Path(memegen.__file__).parent / "fonts" / name)
    (folder / "fonts.conf").write_text(_FONTS.format(folder=folder))
    return playwright.chromium.launch(
        executable_path=executable,
        args=[*_SWITCHES, *further],
        env={**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")},
    )
