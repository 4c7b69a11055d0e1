"""The first screen: what MemeGen does is seen, and one or two taps do it."""

import re
from pathlib import Path

import numpy as np
import pytest
import requests
import skimage.data
from PIL import Image
from playwright.sync_api import expect

from memegen.caption.choose import languages
from memegen.face.detect import find_faces
from tests.browser.test_languages import READ_WORDS
from tests.browser.visitor import WAIT_MS, Held, Visitor, jpeg
from tests.support.people import draw_people

WEB = Path(__file__).parents[2] / "web"
SAMPLES = {"zoom": "portrait", "labels": "couple", "bubble": "friend"}


def pixels(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file).convert("RGB")).astype(int)


def test_a_newcomer_has_a_meme_of_their_own_after_two_taps(visitor, tmp_path):
    """One on the page's button, and one on the photo in what the device opens for it."""
    photo = tmp_path / "me.jpg"
    photo.write_bytes(jpeg())
    with visitor.page.expect_file_chooser() as chooser:
        visitor.page.locator("label:has(#choose)").click()
    chooser.value.set_files(photo)
    visitor.sees_meme()
    assert visitor.report["status"] == "done"


@pytest.mark.parametrize(("style", "photo"), SAMPLES.items())
def test_a_tap_on_a_sample_makes_a_meme_in_its_style(visitor, style: str, photo: str):
    visitor.page.locator(f".sample[data-style={style}]").click()
    visitor.sees_meme()
    made = visitor.report
    assert made["style"] == {"name": style, "asked": style}
    assert len(made["faces"]) == (2 if style == "labels" else 1)
    with Image.open(WEB / "samples" / f"{photo}.webp") as sent:
        assert visitor.page.locator("#original").evaluate("image => image.naturalWidth") == sent.width
    assert visitor.puts() == 1


def test_samples_are_a_public_domain_portrait_and_this_projects_own_drawings():
    portrait = Image.fromarray(skimage.data.astronaut()).crop((0, 0, 512, 400))
    expected = {
        "portrait": np.asarray(portrait.resize((512, 400), Image.Resampling.LANCZOS)),
        "couple": draw_people(["happiness", "surprise"], (1000, 700), 2),
        "friend": draw_people(["surprise"], (1000, 640), 1)[:, :800],
    }
    for name, drawn in expected.items():
        found = pixels(WEB / "samples" / f"{name}.webp")
        assert np.abs(found - drawn.astype(int)).mean() < 6
        assert find_faces(found.astype(np.uint8))


@pytest.mark.parametrize("language", languages())
def test_the_first_picture_is_the_portrait_with_a_caption_in_the_pages_language(language: str):
    """Its letters leave the face free, and no other language has the same ones."""
    folder = WEB / "samples"
    letters = np.asarray(Image.open(folder / language / "hero.webp").convert("RGBA"))[:, :, 3] > 0
    assert letters.shape == (500, 640)
    assert 0.03 < letters.mean() < 0.3
    portrait = Image.open(folder / "portrait.webp").convert("RGB").resize((640, 500))
    [face] = find_faces(np.asarray(portrait))
    box = face.box
    inside = letters[int(box.top) : int(box.bottom), int(box.left) : int(box.right)]
    assert not inside.any()
    for other in languages():
        if other != language:
            twin = np.asarray(Image.open(folder / other / "hero.webp").convert("RGBA"))[:, :, 3] > 0
            assert (twin != letters).mean() > 0.01


def test_the_start_shows_pictures_in_the_pages_language(chromium, stack):
    context = chromium.new_context(locale="ja-JP")
    page = context.new_page()
    page.goto(stack.site_url)
    letters = page.locator("#hero-letters")
    expect(letters).to_have_attribute("src", "samples/ja/hero.webp")
    expect(letters).to_have_js_property("naturalWidth", 640)
    asked = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert [name for name in asked if re.search(r"/samples/(?!ja/|portrait)", name)] == []
    page.locator("#page-language").select_option("hi")
    expect(letters).to_have_attribute("src", "samples/hi/hero.webp")
    context.close()


def test_words_of_the_start_stand_in_the_html(visitor, chromium, stack):
    """They are the English ones, so that there is something to read before any code is there."""
    words = visitor.page.evaluate(READ_WORDS)["en"]
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(stack.site_url)
    expect(page.get_by_role("heading", name=words["start-heading"])).to_be_visible()
    expect(page.locator("label:has(#choose)")).to_have_text(words["choose"])
    context.close()
    html = requests.get(stack.site_url, timeout=30).text
    found = re.findall(r'data-words="([^"]+)"[^>]*>([^<]+)<', html)
    values = {"kinds": "JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP, or TIFF", "mebibytes": "20"}
    for key, said in found:
        expected = re.sub(r"\{(\w+)\}", lambda blank: values[blank[1]], words[key])
        assert said == expected.replace("\u00a0", " "), key
    assert len(found) > 12


def test_a_photo_that_is_chosen_before_the_code_is_there_is_taken(chromium, stack):
    context = chromium.new_context()
    visitor = Visitor(context.new_page(), stack)
    code = Held(visitor.page, "**/app.js")
    visitor.page.goto(stack.site_url, wait_until="commit")
    expect(visitor.page.locator("#choose")).to_be_attached()
    visitor.choose(jpeg())
    visitor.page.wait_for_timeout(300)
    code.let_go()
    visitor.sees_meme()
    context.close()


def test_a_link_to_a_meme_never_shows_the_start(visitor, context):
    visitor.make_meme()
    other = Visitor(context.new_page(), visitor.stack)
    other.page.route("**/app.js", lambda route: None)
    other.page.goto(f"{visitor.stack.site_url}/#{visitor.id}", wait_until="commit")
    expect(other.page.locator("#start")).to_be_attached()
    other.page.wait_for_timeout(300)
    expect(other.page.locator("#start")).to_be_hidden()


def test_of_several_photos_the_first_is_taken_and_that_is_said(visitor):
    transfer = visitor.page.evaluate_handle(
        """photos => {
            const transfer = new DataTransfer();
            for (const bytes of photos) {
                transfer.items.add(new File([new Uint8Array(bytes)], "photo.jpg", { type: "image/jpeg" }));
            }
            return transfer;
        }""",
        [list(jpeg(200, 150)), list(jpeg(300, 150))],
    )
    visitor.page.locator("body").dispatch_event("drop", {"dataTransfer": transfer})
    visitor.sees_meme()
    told = "MemeGen takes one photo at a time: this is the first of your 2."
    expect(visitor.page.get_by_text(told)).to_be_visible(timeout=WAIT_MS)
    assert visitor.page.locator("#original").evaluate("image => image.naturalWidth") == 200
    expect(visitor.page.get_by_text(told)).to_be_hidden()  # by itself


def test_of_a_gif_the_first_picture_is_taken_and_that_is_said(visitor, tmp_path):
    file = tmp_path / "moving.gif"
    frames = [Image.new("RGB", (300, 200), colour) for colour in ("navy", "gold")]
    frames[0].save(file, save_all=True, append_images=frames[1:])
    visitor.choose(file.read_bytes(), "moving.gif", "image/gif")
    visitor.sees_meme()
    expect(visitor.page.get_by_text("Of a moving GIF, MemeGen takes the first picture.")).to_be_visible()
