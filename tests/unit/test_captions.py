"""The choice among the captions."""

import json
from pathlib import Path

import pytest

from memegen import Options, PhotoError
from memegen.caption import choose as captions
from memegen.caption.choose import Caption, choose_caption, languages, load_pack, pack_for
from memegen.caption.mood import GROUP_KINDS, Mood
from memegen.options import EXPRESSIONS
from memegen.text import fonts

PACKS = {
    file.stem: json.loads(file.read_text("utf-8"))["captions"]
    for file in (Path(captions.__file__).parent / "packs").glob("*.json")
}
SURE = 0.99


def ids(language: str, name: str, *, hedging: bool = False, sure: float = SURE) -> set[str]:
    """The ids in the pack's file, by its own account."""
    return {
        entry["id"]
        for entry in PACKS[language][name]
        if (entry.get("tags") == ["hedge"]) == hedging and entry.get("least_confidence", 0) <= sure
    }


def turns(mood: Mood, count: int, language: str = "en", seed: int = 7) -> list[str]:
    options = (Options(language=language, variant=variant) for variant in range(count))
    return [choose_caption(mood, each, seed).id for each in options]


@pytest.mark.parametrize("name", [*EXPRESSIONS, "no-face", *GROUP_KINDS])
@pytest.mark.parametrize(("language", "seed"), [("en", 0), ("en", 2**63 - 1), ("te", 7)])
def test_variants_go_through_the_whole_pack_before_any_repeats(name: str, language: str, seed: int) -> None:
    pack = ids(language, name)
    once = turns(Mood(name, SURE), len(pack), language, seed)
    assert set(once) == pack
    assert turns(Mood(name, SURE), 2 * len(pack), language, seed) == once + once


def test_the_choice_is_the_same_every_time_and_for_ever() -> None:
    """Worked out with sha256sum: `printf '7 happiness-NN' | sha256sum` and so on, the lowest first."""
    assert turns(Mood("happiness", 0.7), 3) == ["happiness-04", "happiness-49", "happiness-61"]
    assert turns(Mood("fear", 0.2), 3) == ["unsure-10", "unsure-22", "unsure-21"]
    assert turns(Mood("group-happy", 0.7), 3) == ["group-happy-04", "group-happy-12", "group-happy-11"]


def test_seeds_give_different_orders() -> None:
    firsts = {choose_caption(Mood("fear", SURE), Options(), seed).id for seed in range(40)}
    assert len(firsts) >= 20


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_weak_reading_gets_hedges_only_and_a_sure_one_none(expression: str, language: str) -> None:
    hedges = ids(language, expression, hedging=True) | ids(language, "unsure")
    assert set(turns(Mood(expression, 0.3999), len(hedges), language)) == hedges
    plain = ids(language, expression, sure=0.4)
    assert set(turns(Mood(expression, 0.4), len(plain), language)) == plain
    assert not hedges & plain


@pytest.mark.parametrize("kind", GROUP_KINDS)
def test_a_weak_mix_gets_the_unsure_groups_captions(kind: str) -> None:
    hedges = ids("en", "group-unsure")
    assert set(turns(Mood(kind, 0.39), len(hedges))) == hedges


def test_a_caption_with_a_least_confidence_waits_for_it() -> None:
    strong = {entry["id"] for entry in PACKS["en"]["happiness"] if entry.get("least_confidence") == 0.8}
    assert len(strong) >= 2
    assert not strong & set(turns(Mood("happiness", 0.79), 80))
    assert strong < set(turns(Mood("happiness", 0.8), 80))


# Languages


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("en-GB", "en"),
        ("en-Latn-IN", "en"),
        ("hi-IN", "hi"),
        ("te-in", "te"),
        ("es-419", "es"),
        ("ja-Jpan-JP", "ja"),
        ("fr", "en"),
        ("est", "en"),
        ("mr-IN", "en"),
        ("xx-YY", "en"),
    ],
)
def test_the_nearest_language_is_taken_else_english(asked: str, given: str) -> None:
    assert choose_caption(Mood("anger", SURE), Options(language=asked), 1).language == given


def test_the_languages_with_a_pack() -> None:
    page_words = Path(__file__).parents[2] / "web" / "words"
    assert languages() == sorted(file.stem for file in page_words.glob("*.js"))
    assert {"en", "es", "hi", "ja", "te"} <= set(languages())


def test_the_nearest_pack_by_parts_of_the_tag(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for tag in ("en", "hi", "zh-Hant"):
        pack = {"language": tag, "alt_text": {"none": tag}, "captions": {}}
        (tmp_path / f"{tag}.json").write_text(json.dumps(pack))
    monkeypatch.setattr(captions, "FOLDER", tmp_path)
    load_pack.cache_clear()
    try:
        asked = ("hi-IN", "zh-hant-TW", "zh-TW", "te")
        found = [pack_for(tag).alt_text["none"] for tag in asked]
        assert found == ["hi", "zh-Hant", "en", "en"]
    finally:
        load_pack.cache_clear()


def test_a_pack_whose_script_cannot_be_set_gives_way_to_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "shaping_available", lambda: False)
    chosen = {
        tag: choose_caption(Mood("anger", SURE), Options(language=tag), 7) for tag in ("hi", "te", "es")
    }
    assert {tag: caption.language for tag, caption in chosen.items()} == {"hi": "en", "te": "en", "es": "es"}
    assert chosen["hi"] == choose_caption(Mood("anger", SURE), Options(), 7)


# Own captions


@pytest.mark.parametrize(
    ("text", "top", "bottom"),
    [
        ("set-up\npunch line", "set-up", "punch line"),
        ("just this", "", "just this"),
        ("above\n", "above", ""),
        ("\nbelow", "", "below"),
        ("one\ntwo\nthree", "one", "two three"),
        ("  much \t space \r\n here ", "much space", "here"),
        ("Привет\nमस्ती", "Привет", "मस्ती"),
        ("cafe\u0301\n日本", "café", "日本"),
    ],
)
def test_an_own_caption_wins_and_is_split_at_its_first_newline(text: str, top: str, bottom: str) -> None:
    for mood in (Mood("anger", SURE), Mood("anger", 0.1), Mood("no-face", 1.0)):
        caption = choose_caption(mood, Options(caption=text, language="de"), 3)
        assert caption == Caption("own", top, bottom, "de")


@pytest.mark.parametrize(("text", "shown"), [("ok ᚠ𒀀", "ᚠ (U+16A0), 𒀀 (U+12000)"), ("\x07", "U+0007")])
def test_an_own_caption_in_letters_that_no_font_has_is_refused(text: str, shown: str) -> None:
    with pytest.raises(PhotoError) as caught:
        choose_caption(Mood("no-face", 1.0), Options(caption=text), 3)
    assert caught.value.code == "bad-option"
    assert shown in str(caught.value)
