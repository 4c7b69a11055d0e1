"""contract.json holds what is promised to people and programs, so each value stands here once more."""

import json
from datetime import timedelta

from memegen import contract


def test_the_limits_are_those_that_are_promised() -> None:
    assert contract.MAX_PHOTO_BYTES == 20 * 1024 * 1024
    assert contract.MAX_PHOTO_PIXELS == 65_000_000
    assert contract.MAX_JPEG_PIXELS == 200_000_000
    assert contract.MEME_LONG_SIDE == 1600
    assert contract.MAX_CAPTION_CHARACTERS == 300
    assert contract.MAX_SEEN_CAPTIONS == 40
    assert contract.MAX_OPTIONS_BYTES == 8 * 1024
    assert contract.MAX_REQUEST_BYTES == 16 * 1024
    assert contract.MAX_REMIXES == 100
    assert timedelta(days=7) == contract.SHARE_LIFETIME
    assert contract.ANIMATION_LONG_SIDES == {"webp": 480, "gif": 360}
    assert contract.MAX_WEBP_BYTES == 1_000_000
    assert timedelta(minutes=10) == contract.UPLOAD_URL_LIFETIME


def test_the_file_types_are_those_that_are_promised() -> None:
    assert [kind.name for kind in contract.FILE_TYPES] == (
        ["JPEG", "PNG", "WebP", "GIF", "HEIC", "AVIF", "BMP", "TIFF"]
    )
    assert contract.CONTENT_TYPES == (
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/gif",
        "image/heic",
        "image/heif",
        "image/avif",
        "image/bmp",
        "image/tiff",
    )
    assert {
        "jpg",
        "jpeg",
        "jpe",
        "jfif",
        "png",
        "webp",
        "gif",
        "heic",
        "heif",
        "hif",
        "avif",
        "bmp",
        "tif",
        "tiff",
    } == contract.ENDINGS


def test_the_codes_for_machines_keep_their_names() -> None:
    """A code may be added. One that programs know may not go."""
    codes = json.loads(contract.CONTRACT_FILE.read_text())["error_codes"]
    assert {
        "not-an-image",
        "unsupported-format",
        "too-many-bytes",
        "too-many-pixels",
        "damaged-image",
        "bad-option",
        "gave-up",
    } <= set(codes["report"]["enum"])
    assert {
        "bad-request",
        "bad-option",
        "internal",
        "method-not-allowed",
        "not-found",
        "photo-gone",
        "request-timeout",
        "too-many-bytes",
        "too-many-remixes",
        "too-many-requests",
        "unsupported-format",
    } <= set(codes["api"]["enum"])


def test_alternatives_are_listed_as_a_sentence_lists_them() -> None:
    assert contract.alternatives(["JPEG", "PNG"]) == "JPEG or PNG"
    assert contract.alternatives(["JPEG", "PNG", "GIF"]) == "JPEG, PNG or GIF"
