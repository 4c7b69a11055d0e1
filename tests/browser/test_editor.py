"""The meme changed in place: every choice applies at a tap, and the picture stays until the next is there."""

import json
from io import BytesIO
from typing import Any

import pytest
import requests
from PIL import Image
from playwright.sync_api import expect

from memegen.caption.choose import load_pack
from memegen.caption.mood import PAIR_KINDS
from memegen.options import EXPRESSIONS, MOVING_STYLES, STYLES
from tests.browser.visitor import WAIT_MS, Held, Visitor, jpeg, people

SMALL_PHONE = {"width": 360, "height": 640}
OWN = "Mine on top\nand below"
TYPE = """(box, words) => {
    box.value = "";
    for (const letter of words) {
        box.value += letter;
        box.dispatchEvent(new Event("input"));
    }
}"""


def remixes(visitor: Visitor) -> list[dict[str, Any]]:
    """The options of each remix that the page has asked for."""
    asked = visitor.asked("POST", visitor.stack.api_url, "/memes/")
    return [json.loads(request.post_data)["options"] for request in asked]


def taps_and_waits(visitor: Visitor, group: str, value: str) -> None:
    before = visitor.id
    visitor.taps(group, value)
    visitor.waits_for_another_meme(before)


def test_a_tap_on_a_style_keeps_the_caption_and_one_on_an_expression_changes_it(visitor):
    photo = people("happiness")
    visitor.make_meme(photo)
    page = visitor.page
    first = visitor.report
    expect(page.get_by_label("Or in your own words")).to_have_value(first["caption"]["text"])
    other = "bar" if first["style"]["name"] != "bar" else "bubble"
    taps_and_waits(visitor, "style", other)
    second = visitor.report
    assert second["style"]["name"] == other
    assert second["caption"] == first["caption"]

    taps_and_waits(visitor, "expression", "anger")
    third = visitor.report
    assert (third["expression"], third["style"]["name"]) == ("anger", other)
    assert third["caption"]["id"] != first["caption"]["id"]
    expect(page.locator("#reading")).to_have_text(
        "Looks happy to us, 98% – captioned as angry".replace("98%", f"{third['faces'][0]['confidence']:.0%}")
    )
    assert visitor.alt.startswith("One face, looking happy. Captioned as angry.")
    expect(page.get_by_label("Or in your own words")).to_have_value(third["caption"]["text"])

    page.get_by_label("Caption’s language").select_option("es")
    expect(page.locator("#meme")).to_have_attribute("lang", "es", timeout=WAIT_MS)
    assert visitor.report["caption"]["language"] == "es"
    page.reload()
    visitor.sees_meme()
    assert page.locator("input[name=expression]:checked").input_value() == "anger"
    assert page.locator("input[name=style]:checked").input_value() == other
    assert page.get_by_label("Caption’s language").input_value() == "es"
    assert visitor.puts() == visitor.links() == 1


def test_own_words_are_drawn_after_a_pause_and_kept_over_styles_and_expressions(visitor):
    visitor.make_meme(people("happiness"))
    text = visitor.page.get_by_label("Or in your own words")
    before = visitor.id
    text.evaluate(TYPE, OWN)
    visitor.waits_for_another_meme(before)
    assert [options.get("caption") for options in remixes(visitor)] == [OWN]
    others = [style for style in ("bar", "bubble") if style != visitor.report["style"]["name"]]
    for group, value in (("style", others[0]), ("expression", "fear"), ("style", "classic")):
        taps_and_waits(visitor, group, value)
        caption = visitor.report["caption"]
        assert (caption["id"], caption["text"]) == ("own", OWN)
    expect(text).to_have_value(OWN)

    before = visitor.id
    text.fill("Now")
    text.press("Control+Enter")
    visitor.waits_for_another_meme(before)
    assert visitor.report["caption"]["text"] == "Now"

    text.fill(" ")
    text.blur()
    expect(text).to_have_value("Now")  # there is no meme without words
    visitor.gets_more_captions()
    caption = visitor.report["caption"]
    assert caption["id"] != "own"
    expect(text).to_have_value(caption["text"])


def test_three_captions_to_choose_from_keep_their_places(visitor):
    visitor.make_meme(people("sadness"))
    offered = [caption["text"] for caption in visitor.report["captions"]]
    cards = visitor.page.locator("#captions label")
    assert len(offered) == 3
    expect(cards).to_have_text(offered)
    before = visitor.id
    cards.nth(2).click()
    visitor.waits_for_another_meme(before)
    assert visitor.report["caption"]["text"] == offered[2]
    expect(cards).to_have_text(offered)
    assert (
        visitor.page.locator("input[name=caption]:checked").evaluate("input => input.parentElement.innerText")
        == (offered[2])
    )


def test_no_caption_is_offered_twice_until_all_were_and_then_it_is_said(visitor):
    visitor.make_meme(people("happiness", "sadness"))
    if visitor.report["style"]["name"] != "classic":
        taps_and_waits(visitor, "style", "classic")  # the caption stays, with others beside it
    first = visitor.id
    visitor.page.get_by_label("Caption’s language").select_option("es")  # with fewer than the page remembers
    visitor.waits_for_another_meme(first)
    couples = {caption.id for caption in load_pack("es").captions if set(caption.suits) & set(PAIR_KINDS)}
    shown: list[str] = []
    while (captions := [caption["id"] for caption in visitor.report["captions"]])[0] not in shown:
        assert not set(captions) & set(shown)
        shown += captions
        visitor.gets_more_captions()
    assert len(shown) >= 9
    assert set(shown) <= couples
    expect(visitor.page.get_by_text("That was all of them.")).to_be_visible()
    again = visitor.id
    visitor.gets_more_captions()  # and they go on from there
    assert visitor.id != again
    assert visitor.report["captions"][0]["id"] == shown[shown.index(captions[-1]) + 1]


def test_shape_and_size_of_the_letters_are_presets_that_keep_the_caption(visitor):
    visitor.make_meme(people("happiness"))
    first = visitor.report
    for canvas, ratio in (("square", 1), ("portrait", 4 / 5), ("story", 9 / 16)):
        taps_and_waits(visitor, "canvas", canvas)
        made = visitor.report
        assert made["meme"]["width"] / made["meme"]["height"] == pytest.approx(ratio, abs=0.01)
        assert made["caption"] == first["caption"]
        picture = visitor.page.locator("#meme").bounding_box()
        assert picture["width"] / picture["height"] == pytest.approx(ratio, abs=0.02)
    taps_and_waits(visitor, "text_size", "large")
    assert remixes(visitor)[-1]["text_size"] == "large"
    assert remixes(visitor)[-1]["canvas"] == "story"
    assert visitor.report["caption"] == first["caption"]


def test_a_tap_on_a_face_makes_the_meme_about_it_and_another_about_all(visitor):
    visitor.make_meme(people("happiness", "surprise"))
    faces = visitor.report["faces"]
    left = min(range(2), key=lambda index: faces[index]["box"]["left"])
    face = visitor.page.get_by_role("button", name="Make it about face 1")
    expect(face).to_have_attribute("aria-pressed", "false")
    first = visitor.id
    face.click()
    visitor.waits_for_another_meme(first)
    assert remixes(visitor)[-1]["face"] == left
    expect(face).to_have_attribute("aria-pressed", "true")
    assert visitor.report["expression"] == faces[left]["expression"]
    expect(visitor.page.locator("#bars ul li")).to_have_count(len(EXPRESSIONS))
    face.click()
    visitor.page.wait_for_function("id => location.hash.slice(1) === id", arg=first)
    assert len(remixes(visitor)) == 1  # that one was there already


def test_faces_have_boxes_numbered_from_the_left_and_few_rows(visitor):
    visitor.make_meme(people("happiness", "surprise", "anger", "happiness", size=(1400, 800)))
    page = visitor.page
    made = visitor.report
    assert len(made["faces"]) == 4
    page.get_by_text("What MemeGen saw").click()
    expect(page.locator("#bars li")).to_have_count(4)  # and not seven for each
    boxes = page.locator("#boxes .face")
    picture = page.locator("#meme").bounding_box()
    scale = picture["width"] / made["meme"]["width"]
    order = sorted(made["faces"], key=lambda face: face["box"]["left"])
    for number, face in enumerate(order):
        shown, box = boxes.nth(number).bounding_box(), face["box"]
        assert abs(shown["x"] - picture["x"] - box["left"] * scale) < 2
        assert abs(shown["y"] - picture["y"] - box["top"] * scale) < 2
        assert abs(shown["width"] - box["width"] * scale) < 2
        assert abs(shown["height"] - box["height"] * scale) < 2
        expect(boxes.nth(number)).to_contain_text(f"{number + 1} ")
        icon = boxes.nth(number).locator("img")
        expect(icon).to_have_attribute("src", f"icons/expression-{face['expression']}.svg")


def test_one_face_has_its_seven_bars_once_they_are_unfolded(visitor):
    visitor.make_meme(people("surprise"))
    [face] = visitor.report["faces"]
    row = visitor.page.locator("#bars li").first
    expect(row).to_be_hidden()
    visitor.page.get_by_text("What MemeGen saw").click()
    expect(visitor.page.locator("#bars li")).to_have_count(7)
    expect(row).to_have_text(f"surprised{face['confidence']:.0%}")
    bar, fill = (row.locator(part).bounding_box() for part in (".bar", ".bar span"))
    assert abs(fill["width"] / bar["width"] - face["confidence"]) < 0.02


def doubtful(route: Any) -> None:
    """Lets a face look happy by .48 and angry by .41."""
    response = route.fetch()
    answer = response.json()
    for face in answer.get("faces", []):
        face |= {"expression": "happiness", "confidence": 0.48}
        face["probabilities"] = {**dict.fromkeys(EXPRESSIONS, 0.022), "happiness": 0.48, "anger": 0.41}
    route.fulfill(response=response, body=json.dumps(answer))


def test_a_guess_is_asked_about_right_below_the_picture_and_a_tap_corrects_it(visitor):
    visitor.page.route(f"{visitor.stack.api_url}/memes/*", doubtful)
    visitor.make_meme(people("happiness"))
    page = visitor.page
    expect(page.locator("#reading")).to_have_text("Is this happy or angry? Tap what fits.")
    expect(page.locator("#likely button")).to_have_text(["happy48%", "angry41%"])
    picture, chips = page.locator("#stage").bounding_box(), page.locator("#likely").bounding_box()
    assert 0 <= chips["y"] - (picture["y"] + picture["height"]) < 90
    before = visitor.id
    page.get_by_role("button", name="angry 41%").click()
    visitor.waits_for_another_meme(before)
    assert visitor.report["expression"] == "anger"
    expect(page.get_by_role("button", name="angry 41%")).to_have_attribute("aria-pressed", "true")


def test_several_taps_in_a_row_make_one_meme_and_known_wishes_make_none(visitor):
    visitor.make_meme(people("happiness"))
    first, now = visitor.id, visitor.report["style"]["name"]
    names = [style for style in STYLES if style not in (now, "labels")]
    visitor.page.evaluate(
        "styles => styles.forEach((style) => document.querySelector(`input[value=${style}]`).click())", names
    )
    visitor.waits_for_another_meme(first)
    assert [options["style"] for options in remixes(visitor)] == names[-1:]
    assert visitor.report["style"]["asked"] == names[-1]
    second = visitor.id
    for _ in range(2):
        visitor.press("Earlier")
        visitor.page.wait_for_function("id => location.hash.slice(1) === id", arg=first)
        assert visitor.page.locator("input[name=style]:checked").input_value() == now
        visitor.taps("style", names[-1])
        visitor.page.wait_for_function("id => location.hash.slice(1) === id", arg=second)
    assert len(remixes(visitor)) == 1


def test_the_picture_is_never_greyed_out_while_the_next_one_is_made(visitor):
    visitor.make_meme(people("happiness"))
    page = visitor.page
    src = page.locator("#meme").get_attribute("src")
    remix = Held(page, f"{visitor.stack.api_url}/memes/*/remix")
    visitor.taps("expression", "fear")
    expect(page.locator("#stage")).to_have_attribute("aria-busy", "true")
    page.wait_for_timeout(500)
    assert page.locator("#meme").get_attribute("src") == src
    opacities = """image => {
        const all = [];
        for (let each = image; each; each = each.parentElement) all.push(getComputedStyle(each).opacity);
        return all;
    }"""
    assert set(page.locator("#meme").evaluate(opacities)) == {"1"}
    expect(page.get_by_role("button", name="Download")).not_to_have_attribute("aria-disabled", "true")
    remix.let_go()
    expect(page.locator("#stage")).to_have_attribute("aria-busy", "false", timeout=WAIT_MS)
    assert page.locator("#meme").get_attribute("src") != src


def test_remix_that_cannot_be_made_is_reported_and_leaves_the_meme_and_the_words(visitor):
    visitor.make_meme()
    first_id, first_alt = visitor.id, visitor.alt
    text = visitor.page.get_by_label("Or in your own words")
    text.fill("\u13a0\u13b5")  # Cherokee, which no shipped font has
    text.press("Control+Enter")
    alert = visitor.page.locator("#problem")
    expect(alert).not_to_be_empty(timeout=WAIT_MS)
    failed = requests.get(f"{visitor.stack.api_url}/memes/{first_id[:-1]}1", timeout=30).json()
    assert failed["error"]["code"] == "bad-option"
    expect(alert).to_have_text("MemeGen has no letters for \u13a0 \u13b5. Write your text without them.")
    assert (visitor.id, visitor.alt) == (first_id, first_alt)
    expect(text).to_have_value("\u13a0\u13b5")  # to be mended
    visitor.page.locator("#page-language").select_option("es")
    expect(alert).to_have_text("MemeGen no tiene letras para \u13a0 \u13b5. Escribe tu texto sin ellas.")
    visitor.page.locator("#page-language").select_option("en")
    expect(alert).to_contain_text("MemeGen has no letters")

    visitor.gets_more_captions()
    visitor.press("Earlier")  # past the one that failed
    expect(visitor.page.locator("#meme")).to_have_attribute("alt", first_alt)
    assert visitor.id == first_id


def test_a_style_that_cannot_be_made_is_explained(visitor):
    visitor.make_meme(people("happiness"))
    taps_and_waits(visitor, "style", "labels")
    style = visitor.report["style"]
    assert style["why"] == "few-faces"
    names = {"classic": "Classic"}
    expect(visitor.page.locator("#style-note")).to_have_text(
        f"“Labels” needs two faces that can be read, so this is “{names[style['name']]}”."
    )
    assert visitor.page.locator("input[name=style]:checked").input_value() == style["name"]


def test_earlier_memes_are_a_press_away_even_after_a_reload_and_the_controls_are_theirs(visitor):
    visitor.make_meme(people("happiness"))
    alts, expressions = [visitor.alt], ["", "anger", "fear"]
    for expression in expressions[1:]:
        taps_and_waits(visitor, "expression", expression)
        alts.append(visitor.alt)
    page = visitor.page
    earlier, later = (page.get_by_role("button", name=name) for name in ("Earlier", "Later"))
    expect(later).to_have_attribute("aria-disabled", "true")
    page.reload()
    visitor.sees_meme()
    for n in (2, 1):
        earlier.click()
        expect(page.locator("#place")).to_have_text(f"{n} of 3")
        assert visitor.alt == alts[n - 1]
        assert visitor.said[-1] == f"Meme {n} of 3: {alts[n - 1]}"
        assert page.locator("input[name=expression]:checked").input_value() == expressions[n - 1]
    expect(earlier).to_be_focused()
    expect(earlier).to_have_attribute("aria-disabled", "true")
    api, memes = visitor.stack.api_url, visitor.stack.memes_url
    asked = len(visitor.asked("GET", api)), len(visitor.asked("GET", memes))
    later.click()
    expect(page.locator("#place")).to_have_text("2 of 3")
    assert (len(visitor.asked("GET", api)), len(visitor.asked("GET", memes))) == asked  # kept in memory
    assert visitor.alt == alts[1]


def test_before_shows_the_photo_where_this_tab_has_sent_it(visitor):
    visitor.make_meme()
    photo = visitor.page.locator("#original")
    before = visitor.page.get_by_role("button", name="Before")
    for pressed in ("true", "false"):
        before.click()
        expect(before).to_have_attribute("aria-pressed", pressed)
        expect(photo).to_be_visible(visible=pressed == "true")
    assert photo.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [800, 600]
    visitor.page.reload()
    visitor.sees_meme()
    expect(before).to_be_hidden()


def test_the_picture_stays_in_sight_of_every_control_on_a_small_phone(chromium, stack):
    context = chromium.new_context(viewport=SMALL_PHONE, has_touch=True, is_mobile=True)
    visitor = Visitor(context.new_page(), stack)
    visitor.visit()
    visitor.make_meme(people("happiness", "surprise"))
    page = visitor.page
    controls = page.locator("#editor :is(input, textarea, select, button):visible")
    assert controls.count() > 20
    for index in range(controls.count()):
        control = controls.nth(index)
        control.focus()
        for _ in range(40):  # a busy machine scrolls late
            page.wait_for_timeout(50)
            picture, box = page.locator("#stage").bounding_box(), control.bounding_box()
            if box["y"] + min(box["height"], 44) <= SMALL_PHONE["height"]:
                break
        assert picture["y"] >= -1
        assert picture["height"] >= 0.35 * SMALL_PHONE["height"]
        assert box["y"] >= picture["y"] + picture["height"] - 1
        assert box["y"] + min(box["height"], 44) <= SMALL_PHONE["height"]
    context.close()


WATCH_SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("viewport", [SMALL_PHONE, {"width": 1280, "height": 800}], ids=["phone", "desktop"])
def test_nothing_jumps_from_the_start_to_the_third_meme(chromium, stack, viewport):
    context = chromium.new_context(viewport=viewport)
    context.add_init_script(WATCH_SHIFTS)
    visitor = Visitor(context.new_page(), stack)
    visitor.visit()
    visitor.make_meme(people("happiness", size=(900, 700)))
    for group, value in (("canvas", "story"), ("expression", "sadness")):
        taps_and_waits(visitor, group, value)
    assert visitor.page.evaluate("window.shifts") < 0.02
    context.close()


def test_a_moving_meme_is_shown_and_can_be_downloaded(visitor):
    visitor.make_meme(people("happiness", size=(900, 700)))
    page = visitor.page
    if visitor.report["style"]["name"] not in MOVING_STYLES:
        expect(page.locator("#motion")).to_be_hidden()
    if visitor.report["style"]["name"] != "subtitle":
        taps_and_waits(visitor, "style", "subtitle")
    taps_and_waits(visitor, "animate", "gif")
    [picture, moving] = visitor.report["outputs"]
    assert (picture["type"], moving["type"]) == ("image/jpeg", "image/gif")
    size = page.locator("#meme").evaluate("image => [image.naturalWidth, image.naturalHeight]")
    assert size == [moving["width"], moving["height"]]
    with page.expect_download() as download:
        visitor.press("GIF")
    assert download.value.suggested_filename == "meme.gif"
    with Image.open(download.value.path()) as saved:
        assert (saved.format, saved.is_animated) == ("GIF", True)
    with page.expect_download() as download:
        visitor.press("Download")
    assert Image.open(download.value.path()).format == "JPEG"
    taps_and_waits(visitor, "style", "classic")
    expect(page.get_by_role("button", name="GIF")).to_be_hidden()


def test_two_tabs_remix_at_once_and_one_learns_that_the_other_deleted(visitor, context):
    visitor.make_meme()
    first_id = visitor.id
    other = Visitor(context.new_page(), visitor.stack)
    other.visit(f"#{first_id}")
    other.sees_meme()
    assert other.alt == visitor.alt
    for tab in (visitor, other):
        tab.page.get_by_role("button", name="More captions").dispatch_event("click")
    for tab in (visitor, other):
        tab.waits_for_another_meme(first_id)
    assert {visitor.id, other.id} == {f"{first_id[:-1]}1", f"{first_id[:-1]}2"}

    visitor.delete()
    visitor.sees_start()
    other.press("More captions")
    expect(other.page.locator("#problem")).to_contain_text("The photo of this meme is no longer there")
    gone = other.id
    other.choose(jpeg(), button="New photo")
    other.waits_for_another_meme(gone)
    other.sees_meme()


def test_picture_of_the_meme_is_the_apis(visitor):
    visitor.make_meme()
    made = visitor.report
    stored = requests.get(made["view_url"], timeout=30).content
    size = visitor.page.locator("#meme").evaluate("image => [image.naturalWidth, image.naturalHeight]")
    assert size == list(Image.open(BytesIO(stored)).size)
