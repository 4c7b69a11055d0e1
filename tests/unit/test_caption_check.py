"""The check of the packs: the shipped ones pass it, and each error is found where a pack has it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.tools import caption_check, caption_pools
from infra.tools.caption_check import find_errors
from memegen.caption.choose import FOLDER, Caption, Pack, languages
from memegen.caption.mood import MOODS
from memegen.options import EXPRESSIONS

pytestmark = pytest.mark.slow


def shipped(language: str) -> Any:
    return json.loads((FOLDER / f"{language}.json").read_text("utf-8"))


def write(folder: Path, pack: Any, name: str = "es") -> None:
    (folder / f"{name}.json").write_text(json.dumps(pack), encoding="utf-8")


@pytest.mark.slow
def test_the_shipped_captions_have_no_errors() -> None:
    assert find_errors() == []


def test_there_are_as_many_captions_as_promised() -> None:
    """Counted here by the files' own words."""
    for language in languages():
        an_expression, no_face, a_group = (30, 15, 9) if language == "en" else (14, 6, 6)
        pack = shipped(language)
        plain = {name: len(entries) for name, entries in pack["captions"].items()}
        expressions = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
        assert min(plain[name] for name in expressions) >= an_expression
        assert plain["no-face"] >= no_face
        groups = [count for name, count in plain.items() if name.startswith("group-")]
        assert len(groups) == 7
        assert min(groups) >= a_group


def test_there_are_as_many_english_reactions_as_promised() -> None:
    """For each class and each pair that is often confused; of a pair, both weights are .7 or more."""
    pack = shipped("en")
    suits = [entry["suits"] for entry in pack["reactions"]]
    for name in ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"):
        assert sum(each.get(name, 0) >= 0.7 for each in suits) >= 30
    for one, other in (
        ("fear", "surprise"),
        ("anger", "disgust"),
        ("sadness", "neutral"),
        ("happiness", "fear"),
        ("anger", "happiness"),
    ):
        assert sum(each.get(one, 0) >= 0.7 and each.get(other, 0) >= 0.7 for each in suits) >= 10
    assert sum("no-face" in each for each in suits) >= 20
    assert len(pack["couples"]) >= 15


def test_there_are_as_many_words_for_the_styles_as_promised() -> None:
    """Subtitles for each class, zooms and scenes, as many in every language but English."""
    for language in languages():
        subtitles, zooms, scenes = (15, 25, 15) if language == "en" else (6, 8, 6)
        pack = shipped(language)
        for name in EXPRESSIONS:
            assert sum(entry["suits"].get(name, 0) == 1 for entry in pack["subtitles"]) >= subtitles
            assert sum(entry["suits"].get(name, 0) == 1 for entry in pack["zooms"]) >= 2
        assert len(pack["zooms"]) >= zooms
        assert len(pack["scenes"]) >= scenes
        for scene in pack["scenes"]:
            assert sorted(scene["labels"]) == sorted(EXPRESSIONS)
            assert all(len(set(labels)) == 3 for labels in scene["labels"].values())


def test_packs_in_other_languages_want_a_native_reader() -> None:
    for language in set(languages()) - {"en"}:
        assert shipped(language)["review"] == "wanted: native reader"
    assert "review" not in shipped("en")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"id": "es-fear-02"}, "es-fear-02 is in es.json; es.json has it already."),
        ({"top": "¡LUNES!"}, "es-anger-01, es-neutral-01 have the same top."),
        ({"bottom": "A la primera…"}, "es-anger-01, es-happiness-03 have the same bottom."),
        (
            {"top": "¡Mi gato sabe abrir la puerta!", "bottom": "pero él prefiere el servicio"},
            "es-anger-01 and es-surprise-12 are nearly the same.",
        ),
        ({"top": "quien guardó la leche"}, "es-anger-01: it begins with a small letter."),
        ({"bottom": "al frente."}, "es-anger-01: “al frente.” ends like a sentence, or"),
        ({"bottom": "al  frente"}, "es-anger-01: “al  frente” has an extra space"),
        ({"bottom": "un cafe\u0301"}, "has an extra space or isn't in NFC"),
        ({"bottom": 'dijo "no"'}, "es-anger-01: “dijo \"no\"” has \"; quotation marks must be typographic"),
        ({"bottom": "dijo “no"}, "es-anger-01: “dijo “no” has “ without ”"),
        ({"bottom": "dijo ”no“"}, "es-anger-01: “dijo ”no“” has “ without ”"),
        ({"bottom": "por qué?"}, "es-anger-01: “por qué?” has ¿ without ?"),
        ({"bottom": "「no」"}, "es-anger-01: “「no」” has 「, 」, which isn't punctuation of the language."),
        ({"bottom": "ese gordo"}, "es-anger-01: “gordo” is one of the pack's unwelcome words."),
        ({"bottom": "qué ᚠ"}, "es-anger-01: no shipped font has ᚠ."),
        ({"bottom": "esto no va a caber de ningún modo " * 3 + "ya"}, "takes 4 lines; the most is 3."),
        ({"bottom": "esto no va a caber de ningún modo " * 9 + "ya"}, "es-anger-01: it is too long for a"),
        ({"suits": {"joy": 1}}, "es.json, anger, number 1: suits can't have joy."),
        ({"suits": {"anger": 2}}, "the weights of suits must be above 0 and at most 1."),
        ({"size": "two"}, "es.json, anger, number 1: size must be one of crowd, few, or be left out."),
        ({"least_confidence": 2.0}, "es.json, anger, number 1: least_confidence must be between 0 and 1"),
        ({"bottom": ""}, "es.json, anger, number 1: bottom must be text."),
        ({"botom": "x"}, "es.json, anger, number 1: a caption can't have botom."),
    ],
)  # fmt: skip
def test_an_error_of_a_caption_is_found(changes: dict[str, Any], error: str, tmp_path: Path) -> None:
    pack = shipped("es")
    pack["captions"]["anger"][0].update(changes)
    write(tmp_path, pack)
    found = find_errors(tmp_path)
    assert len(found) == 1
    assert error in found[0]


def test_an_error_of_a_pack_is_found(tmp_path: Path) -> None:
    for language in ("hi", "te", "ja"):
        shutil.copy(FOLDER / f"{language}.json", tmp_path)
    (tmp_path / "xx.json").write_text("{")
    write(tmp_path, {"language": "yy"}, "yy")
    write(tmp_path, {**shipped("es"), "language": "pt"}, "es")
    hindi, telugu, japanese = shipped("hi"), shipped("te"), shipped("ja")
    del hindi["captions"]["group-happy"]
    del telugu["captions"]["group-odd"][0], telugu["captions"]["fear"][0]
    del japanese["alt_text"]["one"]
    telugu["alt_text"]["caption"] = "క్యాప్షన్"
    for name, pack in (("hi", hindi), ("te", telugu), ("ja", japanese)):
        write(tmp_path, pack, name)
    starts = (
        "es.json says that its language is 'pt'.",
        "hi.json has other classes than ",
        "xx.json is not JSON in UTF-8: ",
        "yy.json lacks one of language, alt_text and captions.",
        "ja.json has other alt_text phrases than ",
        "te.json has 13 captions for fear; the least is 14.",
        "te.json has 5 captions for group-odd; the least is 6.",
        "te.json: the alt_text phrase caption must hold text.",
    )
    found = find_errors(tmp_path)
    assert len(found) == len(starts)
    for start, error in zip(starts, found, strict=True):
        assert error.startswith(start)


REACTION = {"id": "es-reaction-001", "form": "reaction", "bottom": "Yo con mis audios", "suits": {"fear": 1}}
SUBTITLE = {"id": "es-subtitle-001", "form": "subtitle", "bottom": "[suspira]", "suits": {"sadness": 1}}
ZOOM = {"id": "es-zoom-001", "form": "zoom", "beats": ["Uno", "Dos", "Tres"], "suits": {"fear": 1}}
SCENE = {
    "id": "es-scene-001",
    "title": "La cuenta",
    "labels": {name: ["paga", "mira", "ya se fue"] for name in EXPRESSIONS},
}


@pytest.mark.parametrize(
    ("section", "entry", "error"),
    [
        ("subtitles", SUBTITLE, None),
        ("zooms", ZOOM, None),
        ("scenes", SCENE, None),
        ("reactions", {**REACTION, "form": "zoom"}, "es.json, reactions, number 1: form must be reaction."),
        ("reactions", {"id": "a", "bottom": "b"}, "number 1: it needs bottom, form, id, suits."),
        ("subtitles", {**SUBTITLE, "bottom": "suspira"}, "“suspira” must stand in square brackets."),
        ("subtitles", {**SUBTITLE, "bottom": f"[{'a' * 59}]"}, "has 61 characters; the most is 60."),
        ("subtitles", {**SUBTITLE, "bottom": "[un gordo]"}, "“gordo” is one of the pack's unwelcome words."),
        ("zooms", {**ZOOM, "beats": ["Uno", "Dos"]}, "es.json, zooms, number 1: beats must be 3 texts."),
        ("zooms", {**ZOOM, "beats": ["Uno", "Dos", "a" * 41]}, "has 41 characters; the most is 40."),
        ("scenes", {**SCENE, "title": "a" * 41}, "has 41 characters; the most is 40."),
        (
            "scenes",
            {**SCENE, "labels": {"fear": ["a", "b", "c"]}},
            "labels must be 3 texts for each expression.",
        ),
        (
            "scenes",
            {**SCENE, "labels": {**SCENE["labels"], "fear": ["a b c d e", "b", "c"]}},
            "“a b c d e” has more than 4 words.",
        ),
        ("scenes", {**SCENE, "id": "es-anger-01"}, "es-anger-01 is in es.json; es.json has it already."),
    ],
)
def test_the_lists_of_a_pack_are_checked(
    section: str, entry: dict[str, Any], error: str | None, tmp_path: Path
) -> None:
    write(tmp_path, {**shipped("es"), section: [entry]})
    found = find_errors(tmp_path)
    assert len(found) == (error is not None)
    assert error is None or error in found[0]


def test_a_pack_with_reactions_needs_enough_of_them(tmp_path: Path) -> None:
    write(tmp_path, {**shipped("es"), "reactions": [REACTION]})
    found = find_errors(tmp_path)
    assert "es.json has 1 reactions for fear; the least is 15." in found
    assert "es.json has 0 reactions for fear and surprise; the least is 6." in found
    assert len(found) == 7 + 5


def test_the_pools_are_counted_by_language_mood_and_confidence() -> None:
    lines = list(caption_pools.report())
    place = next(index for index, line in enumerate(lines) if line.startswith("te: "))
    assert len(lines) == 1 + len(languages()) * (1 + 7 + 1 + 5 + 7 + 1)
    assert lines[place + 1].split()[0] == "anger"
    assert len(lines[place + 1].split()) == 6
    assert lines[place + 8].split() == ["no-face", "9/9"]


def test_a_caption_that_never_fits_best_is_named() -> None:
    suits = [{"fear": 1.0}, {"fear": 0.7, "anger": 0.1}, {"fear": 1.0, "surprise": 1.0}]
    captions = tuple(Caption(str(index), "", "x", "en", suits=each) for index, each in enumerate(suits))
    others = tuple(Caption(name, "", "x", "en", suits={name: 1.0}) for name in MOODS if name != "fear")
    assert caption_pools.never_first(Pack((*captions, *others), {})) == ["1"]


def test_an_id_is_its_own_in_all_packs(tmp_path: Path) -> None:
    spanish, hindi = shipped("es"), shipped("hi")
    spanish["captions"]["anger"][0]["id"] = hindi["captions"]["anger"][0]["id"]
    write(tmp_path, spanish, "es")
    write(tmp_path, hindi, "hi")
    assert find_errors(tmp_path) == ["hi-anger-01 is in hi.json; es.json has it already."]


def test_every_pack_lists_its_unwelcome_words(tmp_path: Path) -> None:
    for language in languages():
        word, *more = shipped(language)["unwelcome"]
        assert more
        pack = shipped(language)
        pack["captions"] = {name: entries[:1] for name, entries in pack["captions"].items()}
        pack["captions"]["anger"][0]["bottom"] = word
        write(tmp_path, pack, language)
        found = [error for error in find_errors(tmp_path) if "unwelcome" in error]
        assert found == [
            f"{pack['captions']['anger'][0]['id']}: “{word}” is one of the pack's unwelcome words."
        ]
        (tmp_path / f"{language}.json").unlink()


def test_the_command_prints_each_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(caption_check, "find_errors", list)
    assert caption_check.main() == 0
    out, error = capsys.readouterr()
    assert out.startswith(f"The captions have no errors: {', '.join(languages())}.\nCaptions to draw from: ")
    assert error == ""
    monkeypatch.setattr(caption_check, "find_errors", lambda: ["en: two are one.", "hi: one is none."])
    assert caption_check.main() == 1
    assert capsys.readouterr() == ("", "en: two are one.\nhi: one is none.\n")
