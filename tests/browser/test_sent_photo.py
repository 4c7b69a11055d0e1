"""What is sent of a photo: pasted, a sample, made smaller, or just as it is."""

from io import BytesIO

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.browser.visitor import WAIT_MS, jpeg


def encoded(image: Image.Image, form: str, **settings) -> bytes:
    file = BytesIO()
    image.save(file, form, **settings)
    return file.getvalue()


@pytest.fixture
def sent(visitor, bucket):
    """`sent()`: the stored photo of the meme in sight, its bytes and its content type."""

    def fetch() -> tuple[bytes, str]:
        blob = bucket("uploads").get_blob(f"web/{visitor.id.rsplit('-', 1)[0]}/0")
        return blob.download_as_bytes(), blob.content_type

    return fetch


def phone_photo(long_side: int, orientation: int) -> bytes:
    """Red above green as one sees it after turning, with a place in its EXIF data."""
    image = Image.new("RGB", (long_side, long_side * 3 // 4), "green")
    ImageDraw.Draw(image).rectangle((0, 0, long_side // 2, long_side), fill="red")  # left: above, once turned
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    return encoded(image, "JPEG", exif=exif, quality=95)


def test_large_photo_is_sent_small_upright_and_without_its_place(visitor, sent):
    photo = phone_photo(3200, orientation=6)  # to be turned by 90° clockwise
    assert b"Exif" in photo
    visitor.make_meme(photo)
    data, content_type = sent()
    stored = Image.open(BytesIO(data))
    assert (stored.format, content_type, stored.size) == ("JPEG", "image/jpeg", (1200, 1600))
    assert len(stored.getexif()) == 0
    assert b"Exif" not in data
    pixels = np.asarray(stored.convert("RGB")).astype(int)
    assert pixels[100, 600].tolist() == pytest.approx([255, 0, 0], abs=12)
    assert pixels[1500, 600].tolist() == pytest.approx([0, 128, 0], abs=12)


@pytest.mark.parametrize("size", [(1600, 1200), (300, 400)])
def test_photo_of_the_memes_size_is_sent_as_it_is(visitor, sent, size: tuple[int, int]):
    visitor.make_meme(jpeg(*size))
    assert sent() == (jpeg(*size), "image/jpeg")


def test_photo_whose_smaller_copy_would_be_larger_is_sent_as_it_is(visitor, sent):
    photo = encoded(Image.new("1", (2400, 1600), 1), "PNG")
    visitor.choose(photo, "photo.png", "image/png")
    visitor.sees_meme()
    assert sent() == (photo, "image/png")


def test_transparent_parts_become_white(visitor, sent):
    noise = Image.effect_noise((2000, 1000), 90).convert("RGBA")
    noise.paste((0, 0, 0, 0), (0, 0, 1000, 1000))
    visitor.choose(encoded(noise, "PNG"), "photo.png", "image/png")
    visitor.sees_meme()
    data, content_type = sent()
    stored = Image.open(BytesIO(data))
    assert (content_type, stored.size) == ("image/jpeg", (1600, 800))
    assert min(stored.convert("RGB").getpixel((300, 400))) >= 250


def heic(width: int, height: int) -> bytes:
    file = BytesIO()
    pillow_heif.from_pillow(Image.open(BytesIO(jpeg(width, height)))).save(file, quality=60)
    return file.getvalue()


def test_heic_is_sent_as_it_is_where_the_browser_cannot_read_it(visitor, sent):
    photo = heic(2000, 1500)
    visitor.choose(photo, "IMG_1.HEIC", "")
    visitor.sees_meme()
    assert sent() == (photo, "image/heic")


@pytest.mark.parametrize("padding", [0, 21 * 2**20])
def test_heic_is_made_smaller_where_the_browser_can_read_it(visitor, sent, padding: int):
    """Chromium reads none: a JPEG of the same picture stands in for what Safari's decoder gives."""
    visitor.page.evaluate(
        """bytes => {
            const decode = createImageBitmap;
            const standIn = new Blob([new Uint8Array(bytes)], { type: "image/jpeg" });
            window.createImageBitmap = (source) => decode(source.name?.endsWith(".HEIC") ? standIn : source);
        }""",
        list(jpeg(2000, 1500)),
    )
    noise = Image.effect_noise((2000, 1500), 90).convert("RGB")  # so that the JPEG of one colour is smaller
    file = BytesIO()
    pillow_heif.from_pillow(noise).save(file, quality=60)
    visitor.choose(file.getvalue() + bytes(padding), "IMG_1.HEIC", "image/heic")
    visitor.sees_meme()
    data, content_type = sent()
    assert (content_type, Image.open(BytesIO(data)).size) == ("image/jpeg", (1600, 1200))


def test_photo_over_20_mib_is_sent_once_it_is_smaller(visitor, sent):
    photo = encoded(Image.effect_noise((3200, 2400), 90).convert("RGB"), "BMP")
    assert len(photo) > 20 * 2**20
    visitor.choose(photo, "photo.bmp", "image/bmp")
    visitor.sees_meme()
    data, content_type = sent()
    assert (content_type, Image.open(BytesIO(data)).size) == ("image/jpeg", (1600, 1200))


def test_pasted_file_becomes_a_meme(visitor, sent):
    visitor.page.evaluate(
        """bytes => {
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([new Uint8Array(bytes)], "photo.jpg", { type: "image/jpeg" }));
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
        }""",
        list(jpeg(200, 150)),
    )
    visitor.sees_meme()
    assert sent() == (jpeg(200, 150), "image/jpeg")


def test_pasted_text_is_left_alone(visitor):
    visitor.page.evaluate(
        """() => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", "words");
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
        }"""
    )
    visitor.sees_start()


PUT_INTO_CLIPBOARD = """async (bytes) => {
    const picture = new Blob([new Uint8Array(bytes)], { type: "image/png" });
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}"""


def test_picture_from_the_clipboard_becomes_a_meme(visitor, context, sent):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    png = encoded(Image.open(BytesIO(jpeg(240, 160))), "PNG")
    visitor.page.evaluate(PUT_INTO_CLIPBOARD, list(png))
    visitor.press("Paste")
    visitor.sees_meme()
    data, content_type = sent()
    stored = Image.open(BytesIO(data))
    assert (content_type, stored.size) == ("image/png", (240, 160))


def test_clipboard_without_a_picture_is_reported(visitor, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.page.evaluate("navigator.clipboard.writeText('words')")
    visitor.press("Paste")
    expect(visitor.page.get_by_role("alert")).to_have_text(
        "There is no picture in the clipboard that this page may read. "
        "Copy a picture first, or choose a photo.",
        timeout=WAIT_MS,
    )
    visitor.sees_start()
