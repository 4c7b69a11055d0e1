"""The pipeline: its report and what it draws, with the faces given by the tests and with the real reader."""

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image

from memegen import Options, PhotoError, meme
from memegen import make_meme as make_any_meme
from memegen.caption import forms
from memegen.caption.choose import caption_by_id, choose_captions, load_pack
from memegen.caption.mood import mood_of
from memegen.face.detect import Face
from memegen.face.expressions import Reading, model_version
from memegen.face.read import ReadFace
from memegen.geometry import Box
from memegen.options import EXPRESSIONS, STYLES
from memegen.photo.decode import read_photo

CLASSIC = Options(style="classic")
ENGLISH = json.loads((Path(meme.__file__).parent / "caption" / "packs" / "en.json").read_text("utf-8"))[
    "captions"
]


def make_meme(photo: bytes, options: Options = CLASSIC) -> meme.Meme:
    """A meme in the classic style where the options leave the style open."""
    return make_any_meme(photo, replace(options, style="classic") if options.style == "auto" else options)


def jpeg(width: int = 640, height: int = 480, colour: tuple[int, int, int] = (90, 120, 160)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG")
    return out.getvalue()


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def face(left: float, top: float, side: float) -> Face:
    return Face(Box(left, top, side * 0.8, side), np.zeros((5, 2), np.float32), 0.91239)


def reading(expression: str, confidence: float) -> Reading:
    rest = (1 - confidence) / 6
    probabilities = {name: confidence if name == expression else rest for name in EXPRESSIONS}
    return Reading(expression, confidence, probabilities)


FACE = face(0, 0, 100)


def suits(report: dict[str, Any]) -> Mapping[str, float]:
    """What the meme's caption suits."""
    return caption_by_id(report["caption"]["id"]).suits


def give(
    monkeypatch: pytest.MonkeyPatch, faces: list[Face], expressions: list[str], confidence: float = 0.7
) -> None:
    """Have these faces found and these expressions read, in this order."""
    monkeypatch.setattr(meme, "find_faces", lambda pixels: faces)
    monkeypatch.setattr(
        meme,
        "read_faces",
        lambda pixels, found: [
            ReadFace(face, reading(expressions[faces.index(face)], confidence), False) for face in found
        ],
    )


def test_the_report_follows_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, [face(200.4, 150.6, 200), face(20, 200, 79)], ["happiness", "anger"])
    made = make_meme(jpeg(), Options(seed=7))
    report = json.loads(json.dumps(made.report))
    assert set(report) == {
        "status",
        "meme",
        "outputs",
        "faces",
        "expression",
        "style",
        "caption",
        "captions",
        "alt_text",
        "model",
        "timings_ms",
    }
    assert report["status"] == "done"
    # All of the photo is of one colour. It loses the rows that are .05 of the width, 32, or more above the
    # hair, which is taken to begin .33 of the face's height above the face, in row 85.
    assert report["meme"] == {"width": 640, "height": 480 - 53, "bytes": len(made.jpeg)}
    assert report["faces"][0] == {
        "box": {"left": 200, "top": 151 - 53, "width": 160, "height": 200},
        "score": 0.9124,
        "expression": "happiness",
        "confidence": 0.7,
        "probabilities": {name: 0.7 if name == "happiness" else 0.05 for name in EXPRESSIONS},
    }
    assert [found["expression"] for found in report["faces"]] == ["happiness", "anger"]
    assert report["expression"] == "happiness"
    chosen = choose_captions(mood_of([ReadFace(FACE, reading("happiness", 0.7), False)]), Options(), 7)
    assert report["caption"] == {"id": chosen[0].id, "text": chosen[0].text, "language": "en"}
    assert report["captions"] == [{"id": each.id, "text": each.text} for each in chosen]
    assert len({each["id"] for each in report["captions"]}) == 3
    said = chosen[0].text.replace("\n", " – ")
    assert report["alt_text"] == f"2 faces: 1 happy, 1 angry. The caption says: {said}"
    assert report["model"] == {"version": model_version()}
    assert list(report["timings_ms"]) == ["decode", "find", "read", "caption", "draw", "encode"]
    assert all(value >= 0 for value in report["timings_ms"].values())


def test_a_photo_without_a_face_gets_a_meme_all_the_same() -> None:
    made = make_meme(jpeg(), Options(seed=1))
    assert made.report["faces"] == []
    assert made.report["expression"] is None
    assert suits(made.report) == {"no-face": 1}
    assert made.report["alt_text"].startswith("A picture with no face in it. The caption says: ")


def test_a_forced_expression_wins_over_the_face(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, [face(200, 150, 200)], ["happiness"])
    report = make_meme(jpeg(), Options(expression="fear")).report
    assert report["expression"] == "fear"
    assert suits(report)["fear"] >= 0.8  # as good as the best, which suits by 1
    assert report["faces"][0]["expression"] == "happiness"
    assert report["alt_text"].startswith("One face, looking happy. Captioned as afraid. The caption says: ")
    assert make_meme(jpeg(), Options(expression="fear")).report["caption"] == report["caption"]
    give(monkeypatch, [face(200, 150, 200), face(20, 200, 190)], ["happiness", "happiness"], confidence=0.2)
    report = make_meme(jpeg(), Options(expression="fear")).report
    assert suits(report)["fear"] >= 0.8
    assert report["alt_text"].startswith("2 faces, all looking happy. Captioned as afraid. The caption")
    as_read = make_meme(jpeg(), Options(expression="happiness")).report
    assert as_read["alt_text"].startswith("2 faces, all looking happy. The caption says: ")


def test_a_group_gets_a_caption_for_its_mix_and_the_report_lists_all_faces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faces = [face(20, 150, 160), face(220, 150, 150), face(420, 150, 140)]
    give(monkeypatch, faces, ["happiness", "sadness", "happiness"])
    report = make_meme(jpeg()).report
    assert suits(report)["group-one-sad"] >= 0.8  # the least weight beside captions that suit it wholly
    assert [found["expression"] for found in report["faces"]] == ["happiness", "sadness", "happiness"]
    assert report["expression"] == "happiness"
    assert report["alt_text"].startswith("3 faces: 2 happy, 1 sad. The caption says: ")


def test_a_doubtful_reading_gets_captions_for_its_two_likeliest_classes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    probabilities = {**dict.fromkeys(EXPRESSIONS, 0.05), "anger": 0.36, "happiness": 0.39}
    monkeypatch.setattr(meme, "find_faces", lambda pixels: [FACE])
    doubtful = ReadFace(FACE, Reading("happiness", 0.39, probabilities), False)
    monkeypatch.setattr(meme, "read_faces", lambda pixels, found: [doubtful])
    reports = [make_meme(jpeg(320, 240), Options(variant=variant)).report for variant in range(10)]
    assert all(min(suits(report)[name] for name in ("anger", "happiness")) >= 0.7 for report in reports)
    assert len({report["caption"]["id"] for report in reports}) == 10
    assert reports[0]["alt_text"].startswith("One face, looking happy. That is a guess. The caption says: ")
    assert reports[0]["expression"] == "happiness"


def test_an_own_caption_wins() -> None:
    report = make_meme(jpeg(), Options(caption="Set-up\nPunch line")).report
    assert report["caption"] == {"id": "own", "text": "Set-up\nPunch line", "language": "en"}


@pytest.mark.parametrize(
    ("asked", "languages"),
    [
        ("en", ("en", None)),
        ("EN", ("en", None)),
        ("hi", ("hi", None)),
        ("hi-IN", ("hi", "hi-IN")),
        ("fr", ("en", "fr")),
    ],
)
def test_the_report_says_when_the_language_is_another(asked: str, languages: tuple[str, str | None]) -> None:
    caption = make_meme(jpeg(64, 48), Options(language=asked)).report["caption"]
    assert (caption["language"], caption.get("language_asked")) == languages
    assert set(caption) <= {"id", "text", "language", "language_asked"}
    own = make_meme(jpeg(64, 48), Options(language=asked, caption="x")).report["caption"]
    assert own == {"id": "own", "text": "x", "language": asked}


def test_boxes_are_where_the_faces_are_in_a_meme_with_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, [face(100, 20, 1160)], ["sadness"])
    made = make_meme(jpeg(1080, 1200), Options(caption="a\nb"))
    image = Image.open(io.BytesIO(made.jpeg))
    assert image.size == (made.report["meme"]["width"], made.report["meme"]["height"])
    assert image.height > image.width * 1200 / 1080  # the bars
    box = made.report["faces"][0]["box"]
    pixels = np.asarray(image)
    middle = pixels[:, image.width // 2].astype(int)
    picture = np.nonzero(np.abs(middle - (90, 120, 160)).max(axis=1) < 12)[0]  # rows of the photo's colour
    scale = (picture[-1] + 1 - picture[0]) / 1200
    assert box["top"] == pytest.approx(picture[0] + 20 * scale, abs=2)
    assert box["height"] == pytest.approx(1160 * scale, abs=2)
    assert box["width"] == pytest.approx(928 * scale, abs=2)


def test_the_same_photo_gives_the_same_meme_and_another_photo_another_seed() -> None:
    first, again = make_meme(jpeg()), make_meme(jpeg())
    assert first.jpeg == again.jpeg
    assert first.report["caption"] == again.report["caption"]
    others = {make_meme(jpeg(colour=(shade, 9, 9))).report["caption"]["id"] for shade in range(0, 200, 20)}
    assert len(others) >= 4


def test_variants_change_the_caption_and_nothing_else() -> None:
    chosen = [
        make_meme(jpeg(64, 48), Options(seed=5, variant=variant)).report["caption"]["id"]
        for variant in range(41)
    ]
    assert len(set(chosen)) == 41


def test_a_caption_s_id_keeps_it_in_another_style(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, [face(200, 150, 200)], ["happiness"])
    first = make_meme(jpeg()).report["caption"]
    kept = make_meme(jpeg(), Options(style="bar", variant=3, caption_id=first["id"])).report["caption"]
    assert kept == first


def test_a_bad_photo_and_a_bad_caption_are_photo_errors() -> None:
    with pytest.raises(PhotoError) as caught:
        make_meme(b"no picture")
    assert caught.value.code == "not-an-image"
    with pytest.raises(PhotoError) as caught:
        make_meme(jpeg(), Options(caption="ᚠ"))
    assert caught.value.code == "bad-option"


@pytest.mark.parametrize("name", ["sunglasses", "mask", "dark", "almost black"])
def test_a_face_that_hides_gets_a_deadpan_caption(name: str) -> None:
    """The astronaut with dark lenses or a mask, or in the dark. Her caption does not build on her smile."""
    pixels = skimage.data.astronaut()
    if name == "sunglasses":
        for x, y in ((203, 101), (245, 102)):  # her eyes
            cv2.ellipse(pixels, (x, y), (17, 13), 0, 0, 360, (5, 5, 5), -1)
        cv2.line(pixels, (203, 101), (245, 102), (5, 5, 5), 3)
    elif name == "mask":
        corners = [(180, 123), (266, 123), (256, 162), (222, 178), (188, 162)]  # over her nose and chin
        cv2.fillPoly(pixels, [np.array(corners)], (200, 220, 235))
    else:
        pixels = (pixels * (0.15 if name == "dark" else 0.05)).astype(np.uint8)
    report = make_meme(png(pixels)).report
    assert len(report["faces"]) == 1
    assert suits(report)["neutral"] >= 0.8
    assert "That is a guess." in report["alt_text"]


def test_a_real_portrait_from_end_to_end() -> None:
    """The astronaut Eileen Collins, in the public domain, smiling."""
    made = make_meme(png(skimage.data.astronaut()), Options(seed=3))
    assert len(made.report["faces"]) == 1
    box = made.report["faces"][0]["box"]
    assert box["left"] < 224 < box["left"] + box["width"]  # her nose
    assert box["top"] < 120 < box["top"] + box["height"]
    read = made.report["faces"][0]
    assert read["expression"] == max(read["probabilities"], key=read["probabilities"].get)
    assert sum(read["probabilities"].values()) == pytest.approx(1, abs=0.001)
    # Her face is as it was: JPEG changes a level here and there, letters would change far more.
    rows, columns = (
        slice(box["top"], box["top"] + box["height"]),
        slice(box["left"], box["left"] + box["width"]),
    )
    before = skimage.data.astronaut()[rows, columns].astype(int)
    after = read_photo(made.jpeg)[rows, columns].astype(int)
    assert np.abs(before - after).mean() < 4


# Styles with words of their own


def test_the_report_says_what_the_style_became_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, [face(200, 150, 200), face(420, 160, 180)], ["happiness", "anger"])
    labelled = make_any_meme(jpeg(), Options(style="labels", seed=3)).report
    assert labelled["style"] == {"name": "labels", "asked": "labels"}
    title, *labels = labelled["caption"]["text"].split("\n")
    assert len(set(labels)) == 2
    assert title in labelled["alt_text"]
    give(monkeypatch, [face(200, 150, 200)], ["happiness"])
    alone = make_any_meme(jpeg(), Options(style="labels", seed=3)).report
    assert alone["style"] == {"name": "classic", "asked": "labels", "why": "few-faces"}
    suits = {each.id: each.suits for each in load_pack("en").captions}[alone["caption"]["id"]]
    assert suits["happiness"] >= 0.8  # one that is no scene's, for the expression that was read
    give(monkeypatch, [face(200, 50, 420)], ["happiness"])
    close = make_any_meme(jpeg(640, 480), Options(style="zoom", seed=3)).report
    assert close["style"] == {"name": "classic", "asked": "zoom", "why": "face-too-large"}
    give(monkeypatch, [face(240, 200, 160)], ["happiness"])
    chosen = {make_any_meme(jpeg(), Options(seed=seed)).report["style"]["name"] for seed in range(40)}
    assert chosen == {"classic", "bar", "bubble", "subtitle", "zoom"}


def test_a_subtitle_and_a_zoom_suit_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        {"id": "en-subtitle-901", "form": "subtitle", "bottom": "[laughs]", "suits": {"happiness": 1}},
        {"id": "en-subtitle-902", "form": "subtitle", "bottom": "[growls]", "suits": {"anger": 1}},
    ]
    zooms = [{**entry, "beats": ["one", "two", entry["id"]]} for entry in entries]
    parts = [tuple(map(forms._spoken, each)) for each in (entries, zooms)]
    monkeypatch.setattr(forms, "load_forms", lambda language: forms.Forms(language, *parts, ()))
    give(monkeypatch, [face(200, 150, 200)], ["anger"])
    assert make_meme(jpeg(), Options(style="subtitle")).report["caption"]["text"] == "[growls]"
    report = make_meme(jpeg(), Options(style="zoom", expression="happiness", language="hi")).report
    assert report["caption"] == {
        "id": "en-subtitle-901",
        "text": "one\ntwo\nen-subtitle-901",
        "language": "hi",
    }
    give(monkeypatch, [face(200, 150, 200), face(420, 160, 180)], ["happiness", "anger"])
    without = make_meme(jpeg(), Options(style="labels")).report
    assert without["style"]["why"] == "no-words"


def test_nobody_gets_another_persons_label() -> None:
    scene = {"happiness": ("has cake",), "anger": ("wants cake", "had cake"), "fear": ("dropped cake",)}
    sure, torn = {"happiness": 0.9, "anger": 0.1}, {"happiness": 0.5, "anger": 0.3, "fear": 0.2}
    given = forms.Forms("en", (), (), (forms.LabelScene("s", "Cake", scene),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forms, "load_forms", lambda language: given)
        found = forms.labels([sure, None, torn, torn, torn, torn], Options(), 1)
    assert found is not None
    caption, labels = found
    assert (caption.top, labels[0], labels[1]) == ("Cake", "has cake", "")
    assert set(labels[2:4]) == {"wants cake", "had cake"}
    assert labels[4:] == ("dropped cake", "")


def test_a_meme_is_about_the_face_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, [face(20, 150, 200), face(420, 150, 180)], ["happiness", "anger"])
    report = make_meme(jpeg(), Options(face=1)).report
    assert report["expression"] == "anger"
    assert caption_by_id(report["caption"]["id"]).suits["anger"] >= 0.7
    with pytest.raises(PhotoError, match="face is 2, but 2 faces were found") as caught:
        make_meme(jpeg(), Options(face=2))
    assert caught.value.code == "bad-option"


@pytest.mark.parametrize(
    ("caption_id", "text"),
    [
        ("en-subtitle-001", "[typing “no worries!” very hard]"),
        ("en-zoom-001", "The quote said 40\nthe invoice says 400\nit is per hour"),
        ("en-scene-01", "When the bill arrives"),
    ],
)
@pytest.mark.parametrize("style", STYLES)
def test_a_caption_of_any_form_is_kept_over_styles(
    monkeypatch: pytest.MonkeyPatch, style: str, caption_id: str, text: str
) -> None:
    give(monkeypatch, [face(200, 150, 150), face(20, 200, 140)], ["happiness", "anger"])
    options = Options(style=style, caption_id=caption_id, seed=5)
    caption = make_any_meme(jpeg(), options).report["caption"]
    assert caption["id"] == caption_id
    if style == "labels" and caption_id == "en-scene-01":
        title, *labels = caption["text"].split("\n")
        assert title == text
        assert len(labels) == 2
    else:
        assert caption["text"] == text
    other = make_any_meme(jpeg(), replace(options, language="es", seed=6)).report["caption"]
    assert (other["id"], other["language"]) == (caption_id, "en")


@pytest.mark.parametrize("style", [style for style in STYLES if style != "labels"])
def test_whichever_of_the_three_captions_is_kept_the_same_three_are_offered(
    monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    give(monkeypatch, [face(200, 150, 150)], ["happiness"])
    options = Options(style=style, seed=5)
    first = make_any_meme(jpeg(), options).report
    assert first["style"]["name"] == style
    ids = [each["id"] for each in first["captions"]]
    assert len(ids) == 3
    for kept in ids:
        offered = make_any_meme(jpeg(), replace(options, caption_id=kept)).report["captions"]
        assert [each["id"] for each in offered] == [kept, *(each for each in ids if each != kept)]
    own = make_any_meme(jpeg(), replace(options, caption="Mine")).report["captions"]
    assert [each["id"] for each in own] == ["own", *ids[:2]]


def test_an_own_caption_of_three_lines_is_three_beats_and_a_title_with_labels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = "When it builds\nme\nthe linter"
    give(monkeypatch, [face(200, 150, 150), face(20, 200, 140)], ["happiness", "anger"])
    made = make_any_meme(jpeg(), Options(style="labels", caption=own))
    assert made.report["style"] == {"name": "labels", "asked": "labels"}
    assert made.report["caption"]["text"] == own
    give(monkeypatch, [face(200, 150, 100)], ["happiness"])
    made = make_any_meme(jpeg(), Options(style="zoom", caption=own))
    assert made.report["style"] == {"name": "zoom", "asked": "zoom"}
    for style in ("classic", "bar", "bubble", "subtitle"):
        made = make_any_meme(jpeg(), Options(style=style, caption=own))
        assert made.report["style"]["name"] == style
        assert made.report["caption"]["text"] == own
