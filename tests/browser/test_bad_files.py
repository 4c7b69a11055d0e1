"""Files that can't become a meme: the page says what is wrong and what to do."""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.visitor import jpeg

KINDS = "JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP, or TIFF"
NOT_AN_IMAGE = f"This file is not an image, or not of a kind that MemeGen knows. Send a {KINDS} photo."


def huge_tiff() -> bytes:
    """A small file of 8,000 × 8,200 white pixels, in a format that Chromium can't make smaller."""
    file = BytesIO()
    Image.new("1", (8000, 8200), 1).save(file, "TIFF", compression="group4")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        pytest.param(
            "photo.jpg", lambda: b"Dear diary, today I wrote no photo.", NOT_AN_IMAGE, id="no image"
        ),
        pytest.param(
            "photo.jpg",
            lambda: jpeg()[:4000],
            "The photo is damaged or cut off and can’t be read. Send the original again.",
            id="cut off",
        ),
        pytest.param(
            "photo.jpg",
            lambda: b"%PDF-1.7\n%%EOF\n",
            f"MemeGen can’t read this kind of file. Send a {KINDS} photo.",
            id="another format under a photo's name",
        ),
        pytest.param(
            "photo.tiff",
            huge_tiff,
            "The photo has too many pixels. Up to 65 megapixels can be read, and more of an ordinary JPEG. "
            "Send a smaller copy of it.",
            id="too many pixels",
        ),
    ],
)
def test_what_is_wrong_with_a_bad_file_is_shown(visitor, name: str, make: Callable[[], bytes], sentence: str):
    visitor.choose(make(), name, "image/tiff" if name.endswith("tiff") else "image/jpeg")
    visitor.sees_failure(sentence)
    expect(visitor.page.get_by_role("button", name="Try again")).to_be_hidden()
    assert visitor.puts() == 1
    visitor.choose(jpeg(), button="New photo")
    visitor.sees_meme()


@pytest.mark.parametrize(
    ("name", "mime_type", "make", "sentence"),
    [
        pytest.param(
            "photo.jpg",
            "image/jpeg",
            lambda: bytes(20 * 2**20 + 1),
            "The photo is larger than 20 MiB, which is the limit. Send a smaller copy of it.",
            id="too large",
        ),
        pytest.param(
            "photo.jpg",
            "image/jpeg",
            lambda: b"",
            f"The file is empty. Send a {KINDS} photo.",
            id="empty",
        ),
        pytest.param("notes.txt", "text/plain", lambda: b"Only words.", NOT_AN_IMAGE, id="text"),
        pytest.param(
            "paper.pdf",
            "application/pdf",
            lambda: b"%PDF-1.7\n",
            f"This is a file of the kind PDF, which MemeGen can’t read. Send a {KINDS} photo.",
            id="PDF",
        ),
    ],
)
def test_file_that_cannot_become_a_meme_is_refused_before_anything_is_sent(
    visitor, name: str, mime_type: str, make: Callable[[], bytes], sentence: str
):
    visitor.choose(make(), name, mime_type)
    visitor.sees_failure(sentence)
    assert visitor.links() == visitor.puts() == 0


@pytest.mark.parametrize(
    ("name", "mime_type", "expected"),
    [
        ("IMG_1.HEIC", "", "image/heic"),
        ("IMG_1.heif", "application/octet-stream", "image/heif"),
        ("scan.tif", "", "image/tiff"),
        ("old.bmp", "image/x-ms-bmp", "image/bmp"),
        ("picture", "image/avif", "image/avif"),
        ("photo.jpg", "image/webp", "image/webp"),
    ],
)
def test_content_type_is_the_systems_or_the_names(visitor, name: str, mime_type: str, expected: str):
    found = visitor.page.evaluate(
        """async ([name, type]) => {
            const { contentTypeOf } = await import("/photo.js");
            return contentTypeOf(new File(["x"], name, { type }));
        }""",
        [name, mime_type],
    )
    assert found == expected


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("GIF", "image/gif"),
        ("WEBP", "image/webp"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
        ("AVIF", "image/avif"),
        ("HEIF", "image/heic"),
    ],
)
@pytest.mark.parametrize("name", ["IMG_1", "photo.download"])
def test_photo_whose_name_lost_its_ending_is_known_by_its_content(
    visitor, name: str, form: str, expected: str
):
    file = BytesIO()
    if form == "HEIF":
        pytest.importorskip("pillow_heif").from_pillow(Image.new("RGB", (64, 64))).save(file)
    else:
        Image.new("RGB", (64, 64)).save(file, form)
    found = visitor.page.evaluate(
        """async ([name, bytes]) => {
            const { contentTypeOf } = await import("/photo.js");
            return contentTypeOf(new File([new Uint8Array(bytes)], name));
        }""",
        [name, list(file.getvalue())],
    )
    assert found == expected


def test_photo_of_exactly_20_mib_may_be_sent(visitor):
    found = visitor.page.evaluate(
        """async () => {
            const { checkSize } = await import("/photo.js");
            const sizes = [20 * 1024 * 1024, 20 * 1024 * 1024 + 1];
            return sizes.map((size) => {
                try {
                    checkSize({ size });
                    return "fits";
                } catch (failure) {
                    return failure.code;
                }
            });
        }"""
    )
    assert found == ["fits", "too-many-bytes"]


def test_photo_that_the_browser_cannot_show_has_a_line_in_its_place(visitor):
    visitor.page.route(
        f"{visitor.stack.api_url}/memes/*", lambda route: route.fulfill(json={"status": "working"})
    )
    visitor.choose(b"\0\0\0\x18ftypheic" + bytes(100), "IMG_1.HEIC", "")
    expect(visitor.page.get_by_text("This browser can’t show this photo.")).to_be_visible()
    expect(visitor.page.get_by_role("img", name="Your photo")).to_be_hidden()
