"""Which font covers what, and that measures hold for what is drawn."""

import threading
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from memegen import PhotoError
from memegen.text import fonts, measure
from memegen.text.coverage import covered

ANTON, BLACK, MUKTA = "Anton-Regular.ttf", "NotoSans-CondensedBlack.ttf", "Mukta-ExtraBold.ttf"
EMOJI, JAPANESE, HEBREW = "NotoEmoji-Bold.ttf", "NotoSansJP-Bold.otf", "NotoSansHebrew-Bold.ttf"
ALL = sorted({*fonts.POSTER, *fonts.PLAIN})
ROOT = Path(__file__).parents[2]

# The characters that are used in each script, written down without looking at the fonts.
SCRIPTS = {
    "Latin": "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞŸĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŹŻŽȘȚẞ"
    "ẀẂẄàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿßąćčďđęěğıłńňőœřśşšţťůűźżžșțŵŷ“”‘’«»‹›…–—€£¥¢§°½×÷!?¿¡&%#@",
    "Cyrillic": "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюяЄІЇҐєіїґЎўЂЈЉЊЋЏЃЌЅәғқң",
    "Greek": "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψωςΆΈΉΊΌΎΏΪΫάέήίόύώϊϋΐΰ",
    "Devanagari": "अआइईउऊऋएऐओऔकखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह"
    "\u0958\u0959\u095a\u095b\u095c\u095d\u095e\u093e\u093f\u0940\u0941\u0942\u0943\u0947\u0948\u094b\u094c"
    "\u0902\u0903\u0901\u094d\u0945\u0949०१२३४५६७८९।॥ॐऑ",
    "Telugu": "అఆఇఈఉఊఋఎఏఐఒఓఔ"
    "కఖగఘఙచఛజఝఞటఠడఢణతథదధనపఫబభమయరలవశషసహళఱాిీుూృెేైొోౌంఃఁ్౦౧౨౩౪౫౬౭౮౯",
    "Japanese": "あいうえおがぱぁっゃゅょんをアイウエオガパァッャュョンヲヴー々〆日本語亜腕弌熙髙﨑𠮟塡剝頰"
    "、。・「」『』（）！？〜…♪☆",
    "Hebrew": "אבגדהוזחטיכךלמםנןסעפףצץקרשתְִֵֶַָֹֻּ״׳",
    "Arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئةىپچژگک،؛؟ًٌٍَُِّْ٠١٢٣٤٥٦٧٨٩",
    "emoji": "😀😂🤣😍😭😡🤔🎉🔥💯👍🏽👩‍💻🇯🇵❤️☕🐈🍕1️⃣",
}  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_fonts_cover_every_script_they_are_shipped_for(script: str) -> None:
    assert fonts.uncovered(SCRIPTS[script]) == set()


def test_all_families_cover_the_same() -> None:
    poster = frozenset().union(*(covered(font) for font in fonts.POSTER))
    plain = frozenset().union(*(covered(font) for font in fonts.PLAIN))
    assert poster == plain


def test_what_no_font_covers_is_named() -> None:
    assert fonts.uncovered("한국 TEXT ไทย") == {"한", "국", "ไ", "ท", "ย"}
    # The mark is in a font and so is the letter, but no font has both.
    assert fonts.uncovered("日\u0301") == {"日\u0301"}
    with pytest.raises(PhotoError, match=r"The caption has characters .* 국 .U.AD6D., 한") as caught:
        fonts.check_covered("caption", "by 한국")
    assert caught.value.code == "bad-option"
    assert caught.value.characters == ("국", "한")
    with pytest.raises(PhotoError, match=r"U\+E000") as caught:
        fonts.check_covered("caption", "a\ue000")
    assert caught.value.characters == ("U+E000",)
    fonts.check_covered("caption", "fine")


def test_spaces_joiners_and_variation_selectors_need_no_glyph() -> None:
    assert fonts.uncovered("A B\u00a0C\u200d\ufe0f\t") == set()


def test_without_shaping_the_scripts_that_need_it_are_not_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "shaping_available", lambda: False)
    assert fonts.uncovered("OK का నా אב عر Я 日 é 😀") == set("काనాאבعر")


@pytest.mark.parametrize("font", ALL)
def test_the_coverage_is_what_the_fonts_own_table_says(font: str) -> None:
    assert covered(font) == set(TTFont(fonts.FOLDER / font).getBestCmap())


@pytest.mark.parametrize("font", ALL)
def test_the_coverage_is_what_freetype_draws(font: str) -> None:
    """A character outside the coverage is drawn as the font's box for it, one inside as something else."""
    # The basic layout asks for each character's own glyph; shaping may find another that means the same.
    drawn = ImageFont.truetype(fonts.FOLDER / font, 40, layout_engine=ImageFont.Layout.BASIC)
    missing = bytes(drawn.getmask("\U0010fffe"))
    blocks = ((0x21, 0x600), (0x900, 0xC80), (0x4E00, 0x4F00), (0x1F600, 0x1F640), (0x20B9F, 0x20BA0))
    for character in (chr(code) for block in blocks for code in range(*block)):
        if character.isprintable() and bytes(drawn.getmask(character)):
            is_covered = ord(character) in covered(font)
            assert (bytes(drawn.getmask(character)) != missing) == is_covered, f"U+{ord(character):04X}"


def pieces(text: str, family: fonts.Family = fonts.POSTER) -> list[tuple[str, str]]:
    """The line in parts of one font each, whose letters may be set one by one."""
    runs = groupby(measure.runs(text, 40, family), key=lambda run: run.font)
    return [("".join(run.text for run in group), font) for font, group in runs]


def test_a_line_is_split_where_the_font_changes_and_marks_stay_with_their_letters() -> None:
    assert pieces("HELLO МИР É") == [("HELLO ", ANTON), ("МИР ", BLACK), ("É", ANTON)]
    assert pieces("दुनिया में") == [("दुनिया में", MUKTA)]
    mark = "\u0484"  # Noto Sans has this mark and Anton hasn't: its letter goes with it
    assert pieces(f"BA{mark}B") == [("B", ANTON), (f"A{mark}", BLACK), ("B", ANTON)]
    assert pieces("OK 日本!") == [("OK ", ANTON), ("日本!", JAPANESE)]  # punctuation is its neighbour's
    assert pieces("क्या?") == [("क्या?", MUKTA)]
    assert pieces("LOL 😂! 5") == [("LOL ", ANTON), ("😂", EMOJI), ("! 5", ANTON)]
    assert pieces("5 1️⃣ ❤️") == [("5 ", ANTON), ("1️⃣", EMOJI), (" ", ANTON), ("❤️", EMOJI)]
    assert pieces("Hi Я", fonts.PLAIN) == [("Hi Я", "NotoSans-Bold.ttf")]


def test_runs_follow_each_other() -> None:
    first, second, third = measure.runs("5日本語नमस्ते", 50, fonts.POSTER)
    tracking = 0.03 * 50
    assert first.left == 0
    assert second.left == pytest.approx(fonts.load(ANTON, 50).getlength("5") + tracking)
    assert third.left == pytest.approx(second.left + fonts.load(JAPANESE, 50).getlength("日本語"))


@pytest.mark.parametrize(("text", "font"), [("MEMES", ANTON), ("МЕМЫ", BLACK)])
def test_poster_letters_are_three_hundredths_of_an_em_further_apart(text: str, font: str) -> None:
    runs = measure.runs(text, 100, fonts.POSTER)
    assert [run.text for run in runs] == list(text)
    steps = [after.left - before.left for before, after in pairwise(runs)]
    assert steps == pytest.approx([fonts.load(font, 100).getlength(letter) + 3 for letter in text[:-1]])
    whole = sum(fonts.load(font, 200).getlength(letter) for letter in text) / 200
    assert measure.width(text, fonts.POSTER) == pytest.approx(whole + 0.03 * len(text))


TEXTS = ["HELLO", "ÉÇ,", "ЖЙ", "नमस्ते", "A МИР É", "తెలుగు", "日本", "שלום ABC", "سلام", "😂🎉"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("size", [14, 37, 90])
def test_the_ink_is_what_drawing_touches(text: str, size: int) -> None:
    ink = measure.ink(text, size, 0, fonts.POSTER)
    mask = Image.new("L", (1200, 400))
    for run in measure.runs(text, size, fonts.POSTER):
        place, font = (200 + round(run.left), 200), fonts.load(run.font, size)
        ImageDraw.Draw(mask).text(place, run.text, 255, font, anchor="ls", direction=run.direction)
    rows, columns = np.nonzero(np.asarray(mask))
    bearing = 1 + 0.25 * size  # the room that belongs to a letter beside its strokes
    assert ink.left <= columns.min() - 200 <= ink.left + bearing
    assert ink.right - bearing <= columns.max() + 1 - 200 <= ink.right
    assert ink.top <= rows.min() - 200 <= ink.top + 1
    assert ink.bottom - 1 <= rows.max() + 1 - 200 <= ink.bottom


def test_the_outline_widens_the_ink_on_every_side() -> None:
    plain, outlined = (measure.ink("WORD", 50, outline, fonts.POSTER) for outline in (0, 4))
    assert (outlined.left, outlined.top) == (plain.left - 4, plain.top - 4)
    assert (outlined.right, outlined.bottom) == (plain.right + 4, plain.bottom + 4)


@pytest.mark.parametrize("text", ["A LINE OF ENGLISH", "СТРОКА", "É", "日本"])
def test_measures_in_ems_hold_at_every_size(text: str) -> None:
    width, reach = measure.width(text, fonts.POSTER), measure.reach(text, fonts.POSTER)
    for size in (20, 64, 150):
        ink = measure.ink(text, size, 0, fonts.POSTER)
        assert width * size == pytest.approx(ink.right - ink.left, abs=0.15 * size)
        assert reach.above * size == pytest.approx(-ink.top, abs=2.5)
        assert reach.below * size == pytest.approx(max(0, ink.bottom), abs=2.5)


def test_one_font_serves_many_threads() -> None:
    texts = [f"LINE {number} Ж" for number in range(40)]

    def drawn(text: str) -> bytes:
        return bytes(fonts.load(ANTON, 33).getmask(text))

    alone = [drawn(text) for text in texts]
    wrong: list[str] = []

    def draw_all() -> None:
        for _ in range(5):
            wrong.extend(text for text, expected in zip(texts, alone, strict=True) if drawn(text) != expected)

    threads = [threading.Thread(target=draw_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_each_font_ships_with_its_licence_and_is_used() -> None:
    shipped = {path.name for path in fonts.FOLDER.glob("*.[ot]tf")}
    assert shipped == set(ALL)
    third_party = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    table = (fonts.FOLDER / "README.md").read_text(encoding="utf-8")
    for font in shipped:
        (licence,) = fonts.FOLDER.glob(f"{font.split('-')[0]}-*.txt")
        words = licence.read_text(encoding="utf-8").upper()
        assert ("BITSTREAM VERA" if font.startswith("DejaVu") else "SIL OPEN FONT LICENSE") in words
        assert font in third_party
        assert any(
            font in row and f"{(fonts.FOLDER / font).stat().st_size:,}" in row for row in table.split("\n")
        )
    assert sum((fonts.FOLDER / font).stat().st_size for font in shipped) < 6_000_000


def test_only_the_fonts_that_a_text_needs_are_opened() -> None:
    fonts.load.cache_clear()
    measure.width.cache_clear()
    measure.width("PLAIN ENGLISH", fonts.POSTER)
    assert fonts.load.cache_info().currsize == 1


def test_faces_made_of_letters_and_what_lists_have_can_be_drawn() -> None:
    for text in ("ಠ_ಠ", "ಥ_ಥ", "( ͡° ͜ʖ ͡°)", "(╯°□°)╯ ┻━┻", "¯\\_(ツ)_/¯", "(◕‿◕)", "✓ ✗ ☐ ☑ ♫ ♡ ☞"):
        assert fonts.uncovered(text) == set(), text
