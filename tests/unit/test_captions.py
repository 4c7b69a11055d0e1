"""The choice among the captions."""

import json
from pathlib import Path

import pytest

from memegen import Options, PhotoError
from memegen.caption import choose as captions
from memegen.caption.choose import (
    PUNCH,
    REACTION,
    Caption,
    choose_caption,
    choose_captions,
    in_order,
    languages,
    load_pack,
    pack_for,
    tiers,
)
from memegen.caption.mood import GROUP_KINDS, PAIR_KINDS, Mood, certain
from memegen.options import EXPRESSIONS
from memegen.text import fonts

SURE = 0.99
SURPRISED = {"fear": 0.3, "surprise": 0.5, "anger": 0.2}


def caption(caption_id: str, form: str = REACTION, **suits: float) -> Caption:
    return Caption(caption_id, "", caption_id, "en", form, suits)


def fitting(captions: list[Caption], probabilities: dict[str, float]) -> list[list[str]]:
    """The ids of the tiers for a face that is read so."""
    return [[each.id for each in tier] for tier in tiers(captions, Mood(probabilities, SURE))]


def variants(mood: Mood, count: int, **options: object) -> list[str]:
    asked = (Options(variant=variant, **options) for variant in range(count))  # type: ignore[arg-type]
    return [choose_caption(mood, each, 7).id for each in asked]


# Which captions fit


def test_a_caption_fits_by_the_sum_of_probability_times_suits() -> None:
    """Worked out by hand for fear .3, surprise .5, anger .2, which no caption is the only word on.

    a: .5 · 1 = .5. b: .5 · 1 + .3 · .7 = .71. c: .3 · 1 + .2 · 1 = .5. d: .5 · .7 + .3 · 1 = .65.
    e: .2. f: 0. The best is b; .8 of it is .568, so d is as good. Half of it is .355, so a and c follow.
    """
    captions = [
        caption("a", surprise=1),
        caption("b", surprise=1, fear=0.7),
        caption("c", fear=1, anger=1),
        caption("d", surprise=0.7, fear=1),
        caption("e", anger=1),
        caption("f", sadness=1),
    ]
    assert fitting(captions, SURPRISED) == [["b", "d"], ["a", "c"]]


def test_a_sure_reading_takes_captions_for_one_expression_too() -> None:
    """Happiness .9, fear .1. a: .9. b: .9 · .8 + .1 = .82. c: .9 · .7 + .1 = .73; .8 of .9 is .72. d: .1."""
    captions = [
        caption("a", happiness=1),
        caption("b", happiness=0.8, fear=1),
        caption("c", happiness=0.7, fear=1),
        caption("d", fear=1),
    ]
    assert fitting(captions, {"happiness": 0.9, "fear": 0.1}) == [["a", "b", "c"]]


def test_rage_that_is_read_as_joy_gets_a_caption_for_both() -> None:
    """Happiness .58, anger .3, as such a portrait was read. a: .58. b: .3. c: .58 + .3 · .8 = .82."""
    captions = [caption("a", happiness=1), caption("b", anger=1), caption("c", happiness=1, anger=0.8)]
    assert fitting(captions, {"happiness": 0.58, "anger": 0.3, "disgust": 0.12}) == [["c"], ["a"]]


def test_nothing_fits_what_no_caption_suits() -> None:
    assert fitting([caption("a", fear=1)], {"sadness": 1.0}) == []


def test_a_caption_with_a_least_confidence_waits_for_it() -> None:
    captions = [Caption("a", "", "a", "en", suits={"fear": 1.0}, least_confidence=0.6)]
    assert tiers(captions, Mood({"fear": 0.59}, 0.59)) == []
    assert tiers(captions, Mood({"fear": 0.6}, 0.6)) == [captions]


def test_a_caption_for_a_crowd_is_kept_for_crowds() -> None:
    captions = [
        Caption(size or "any", "", "a", "en", suits={"group-odd": 1.0}, size=size)
        for size in ("few", "", "crowd")
    ]
    for size, ids in (("few", ["few", "any"]), ("crowd", ["any", "crowd"])):
        assert [each.id for each in tiers(captions, certain("group-odd", size))[0]] == ids


# Their order


@pytest.mark.parametrize("seed", range(12))
def test_of_three_captions_two_are_completed_by_the_face(seed: int) -> None:
    captions = [caption(f"r{number}", fear=1) for number in range(8)]
    captions += [caption(f"p{number}", PUNCH, fear=1) for number in range(8)]
    order = [each.id[0] for each in in_order(captions, certain("fear"), seed)]
    assert all(sorted(order[start : start + 3]) == ["p", "r", "r"] for start in range(9))
    assert sorted(order) == ["p"] * 8 + ["r"] * 8


def test_more_than_half_of_all_first_captions_are_completed_by_the_face() -> None:
    for name in ("anger", "no-face", "pair-contrast", "group-odd"):
        size = "few" if name.startswith("group") else ""
        forms = [choose_caption(certain(name, size), Options(), seed).form for seed in range(150)]
        assert 0.55 < sum(form != PUNCH for form in forms) / 150 < 0.8


def test_the_order_is_the_same_every_time_and_for_ever() -> None:
    """Worked out with sha256sum: `printf '7 a' | sha256sum` and so on, the lowest first.

    b 597b, a 7faf, c a34e, d b862.
    """
    captions = [caption(name, fear=1) for name in "abcd"]
    assert [each.id for each in in_order(captions, certain("fear"), 7)] == list("bacd")


def test_seeds_give_different_orders() -> None:
    firsts = {choose_caption(certain("fear"), Options(), seed).id for seed in range(40)}
    assert len(firsts) >= 20


@pytest.mark.parametrize("name", [*EXPRESSIONS, "no-face", *PAIR_KINDS, *GROUP_KINDS])
@pytest.mark.parametrize("language", ["en", "te"])
def test_variants_go_through_all_that_fits_before_any_repeats(name: str, language: str) -> None:
    mood = certain(name, "few" if name in GROUP_KINDS else "")
    fit = {each.id for tier in tiers(load_pack(language).captions, mood) for each in tier}
    once = variants(mood, len(fit), language=language)
    assert set(once) == fit
    assert variants(mood, 2 * len(fit), language=language) == once + once


def test_three_captions_are_the_next_three_variants() -> None:
    for variant in (0, 5, 400):
        three = [each.id for each in choose_captions(certain("fear"), Options(variant=variant), 7)]
        assert three == variants(certain("fear"), variant + 3)[variant:]
        assert len(set(three)) == 3


# Without repeats


@pytest.mark.parametrize("name", [*EXPRESSIONS, "no-face", *PAIR_KINDS])
def test_twenty_photos_of_one_mood_get_twenty_captions(name: str) -> None:
    seen: list[str] = []
    for seed in range(20):
        seen.append(choose_caption(certain(name), Options(seen=tuple(seen)), seed).id)
    assert len(set(seen)) == 20


def test_twenty_doubtful_readings_get_twenty_captions() -> None:
    seen: list[str] = []
    for seed in range(20):
        mood = Mood({"anger": 0.4, "happiness": 0.35, "neutral": 0.25}, 0.4)
        seen.append(choose_caption(mood, Options(seen=tuple(seen)), seed).id)
    assert len(set(seen)) == 20


def test_what_was_seen_comes_again_when_nothing_else_fits() -> None:
    mood = certain("pair-same")
    everything = variants(mood, 7, language="te")
    assert len(set(everything)) == 7
    assert variants(mood, 1, language="te", seen=tuple(everything[:6])) == everything[6:]
    assert variants(mood, 7, language="te", seen=tuple(everything)) == everything


# A caption by its id


def test_a_caption_is_kept_by_its_id_for_any_mood_and_language() -> None:
    kept = choose_captions(certain("fear"), Options(caption_id="es-anger-01", language="ja"), 7)
    assert (kept[0].id, kept[0].language) == ("es-anger-01", "es")
    assert [each.id for each in kept[1:]] == variants(certain("fear"), 2, language="ja")
    second = variants(certain("fear"), 2)[1]
    again = choose_captions(certain("fear"), Options(caption_id=second), 7)
    assert len({each.id for each in again}) == 3
    assert again[0].id == second


def test_an_id_that_no_pack_has_is_a_bad_option() -> None:
    with pytest.raises(PhotoError, match="unsure-20") as caught:
        choose_caption(certain("fear"), Options(caption_id="unsure-20"), 7)
    assert caught.value.code == "bad-option"


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
    assert choose_caption(certain("anger"), Options(language=asked), 1).language == given


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
    chosen = {tag: choose_caption(certain("anger"), Options(language=tag), 7) for tag in ("hi", "te", "es")}
    assert {tag: caption.language for tag, caption in chosen.items()} == {"hi": "en", "te": "en", "es": "es"}
    assert chosen["hi"] == choose_caption(certain("anger"), Options(), 7)


# Own captions


@pytest.mark.parametrize(
    ("text", "top", "bottom"),
    [
        ("set-up\npunch line", "set-up", "punch line"),
        ("just this", "", "just this"),
        ("above\n", "above", ""),
        ("\nbelow", "", "below"),
        ("one\ntwo\nthree", "one", "two\nthree"),
        ("one\n\n two \nthree\n", "one", "two\nthree"),
        ("\n".join("abcdefghijklmno"), "a", "b\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl m n o"),
        ("  much \t space \r\n here ", "much space", "here"),
        ("Привет\nमस्ती", "Привет", "मस्ती"),
        ("cafe\u0301\n日本", "café", "日本"),
    ],
)
def test_an_own_caption_wins_and_is_split_at_its_first_newline(text: str, top: str, bottom: str) -> None:
    for mood in (certain("anger"), certain("pair-calm"), certain("no-face")):
        for caption_id in (None, "fear-01"):
            options = Options(caption=text, language="de", caption_id=caption_id)
            first, *others = choose_captions(mood, options, 3)
            assert first == Caption("own", top, bottom, "de")
            assert others == choose_captions(mood, Options(language="de"), 3)[:2]


def test_an_own_caption_gets_the_quotation_marks_of_its_language() -> None:
    said = 'He said "no"\nit\'s fine'
    assert choose_caption(certain("fear"), Options(caption=said), 3).text == "He said “no”\nit’s fine"
    german = choose_caption(certain("fear"), Options(caption='Er sagt "nein"', language="de-CH"), 3)
    assert german.text == "Er sagt „nein“"


@pytest.mark.parametrize(("text", "shown"), [("ok ᚠ𒀀", "ᚠ (U+16A0), 𒀀 (U+12000)"), ("\x07", "U+0007")])
def test_an_own_caption_in_letters_that_no_font_has_is_refused(text: str, shown: str) -> None:
    with pytest.raises(PhotoError) as caught:
        choose_caption(certain("no-face"), Options(caption=text), 3)
    assert caught.value.code == "bad-option"
    assert shown in str(caught.value)
