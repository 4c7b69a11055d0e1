"""The check of the packs: the shipped ones pass it, and each error is found where a pack has it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.tools import caption_check
from infra.tools.caption_check import find_errors
from memegen.caption.choose import FOLDER, languages


def shipped(language: str) -> Any:
    return json.loads((FOLDER / f"{language}.json").read_text("utf-8"))


def write(folder: Path, pack: Any, name: str = "es") -> None:
    (folder / f"{name}.json").write_text(json.dumps(pack), encoding="utf-8")


@pytest.mark.slow
def test_the_shipped_captions_have_no_errors() -> None:
    assert find_errors() == []


def test_there_are_as_many_captions_as_promised() -> None:
    """Counted here by the files' own words, hedges apart."""
    for language in languages():
        an_expression, no_face, a_group = (60, 40, 12) if language == "en" else (14, 6, 6)
        pack = shipped(language)
        plain = {
            name: sum("tags" not in entry for entry in entries) for name, entries in pack["captions"].items()
        }
        expressions = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
        assert min(plain[name] for name in expressions) >= an_expression
        assert plain["no-face"] >= no_face
        groups = [count for name, count in plain.items() if name.startswith("group-")]
        assert len(groups) == 7
        assert min(groups) >= a_group


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
        ({"tags": ["funny"]}, 'es.json, anger, number 1: tags must be ["hedge"] or be left out.'),
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
    del hindi["captions"]["unsure"]
    del telugu["captions"]["group-odd"][0], telugu["captions"]["fear"][-1]
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
        "te.json has 1 hedges for fear; the least is 2.",
        "te.json has 5 captions for group-odd; the least is 6.",
        "te.json: the alt_text phrase caption must hold text.",
    )
    found = find_errors(tmp_path)
    assert len(found) == len(starts)
    for start, error in zip(starts, found, strict=True):
        assert error.startswith(start)


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
    assert capsys.readouterr() == (f"The captions have no errors: {', '.join(languages())}.\n", "")
    monkeypatch.setattr(caption_check, "find_errors", lambda: ["en: two are one.", "hi: one is none."])
    assert caption_check.main() == 1
    assert capsys.readouterr() == ("", "en: two are one.\nhi: one is none.\n")
