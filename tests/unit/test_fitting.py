"""Where lines break, and that fitted blocks are as large as their slots allow."""

import itertools
import json
import subprocess
import sys

import pytest

from memegen.caption import choose
from memegen.geometry import Box
from memegen.layout.layout import style_module
from memegen.layout.styles import bar, classic
from memegen.options import STYLES
from memegen.text import linebreak as breaking
from memegen.text import measure
from memegen.text.fitting import Block, Line, ink_of, largest_size, set_lines
from memegen.text.text_style import TextStyle, apply_case

CLASSIC, BAR = classic.STYLE.text, bar.STYLE.text


def phrases(text: str) -> list[str]:
    return [piece.text for piece in breaking.pieces(text)]


def test_words_are_kept_whole_and_spaces_fall_away_at_line_ends() -> None:
    assert breaking.pieces("a  b\u3000c") == tuple(breaking.Piece(text, True) for text in "abc")
    assert phrases("co-operate, please!") == ["co-operate,", "please!"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "冷蔵庫のドアを開けたら、プリンがない！",
            ["冷蔵庫の", "ドアを", "開けたら、", "プリンが", "ない！"],
        ),
        ("私はお金が「全然」ない。", ["私は", "お金が", "「全然」ない。"]),
        ("ABC社の人", ["ABC社の", "人"]),
        ("コーヒー", ["コーヒー"]),
        ("猫がおみやげをくれた", ["猫が", "おみやげを", "くれた"]),
        ("全員に返信はやめましょう", ["全員に", "返信は", "やめましょう"]),
        (
            "おまえはもうしっている、きょうも「まだ」だ。",
            ["おまえは", "もう", "しっている、", "きょうも", "「まだ」だ。"],
        ),
        ("ぜんぶGoogle Driveにある", ["ぜんぶ", "Google", "Driveに", "ある"]),
    ],
)
def test_japanese_breaks_between_phrases(text: str, expected: list[str]) -> None:
    assert phrases(text) == expected


def test_a_phrase_longer_than_any_in_japanese_breaks_between_any_two_characters_that_may_part() -> None:
    text = "「あっ」あ、" * 4 + "あ" * 40
    found = phrases(text)
    assert "".join(found) == text
    assert max(map(len, found)) <= len("「あっ」あ、")
    for piece in found:
        assert piece[0] not in "っ、」"
        assert piece[-1] != "「"


CAPTIONS = [
    caption
    for captions in json.loads((choose.FOLDER / "ja.json").read_text(encoding="utf-8"))["captions"].values()
    for caption in captions
]


def test_no_japanese_caption_is_broken_inside_a_phrase() -> None:
    """In a slot of 8 ems: those captions whose phrases all fit that, a character being an em wide."""
    breaks = 0
    for entry in CAPTIONS:
        for part in filter(None, (entry.get("top", ""), entry["bottom"])):
            if max(map(len, phrases(part))) > 8:
                continue
            block = Block((part,), Box(0, 0, 8 * 30, 900), True, BAR)
            lines = [line.text for line in set_lines(block, 30)]
            ends = set(itertools.accumulate(map(len, phrases(part))))
            found = set(itertools.accumulate(map(len, lines)))
            assert found <= ends, part
            breaks += len(lines) - 1
    assert breaks > 20


def test_the_parser_for_japanese_is_loaded_for_japanese_alone() -> None:
    program = """
import sys
from memegen.text.linebreak import pieces
pieces("English नमस्ते తెలుగు")
print("budoux" in sys.modules)
pieces("日本語")
print("budoux" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab", ["a", "b"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("क्षत्रिय", ["क्ष", "त्रि", "य"]),
        ("స్త్రీ", ["స్త్రీ"]),
        ("👩‍💻😂🇮🇳🇯🇵👍🏽1️⃣", ["👩‍💻", "😂", "🇮🇳", "🇯🇵", "👍🏽", "1️⃣"]),
    ],
)
def test_a_letter_with_all_that_belongs_to_it_is_one_grapheme(text: str, expected: list[str]) -> None:
    assert breaking.graphemes(text) == expected


def test_no_line_starts_with_a_small_kana_even_where_a_word_is_broken() -> None:
    assert breaking.fragments("キャッチー、") == ["キャッ", "チー、"]
    assert breaking.fragments("「あ」") == ["「あ」"]
    assert breaking.fragments("क्षत्रिय") == ["क्ष", "त्रि", "य"]


TEXTS = {
    "en": "One per cent battery and I’m the one with the tickets",
    "hi": "जब सोमवार आता है और कॉफ़ी ख़त्म हो गई हो",
    "te": "సోమవారం వచ్చింది కానీ కాఫీ అయిపోయింది",
    "ja": "冷蔵庫のドアを開けたら、楽しみにしていたプリンがもうなかった。",
    "he": "אין לי מושג איפה הטלפון שלי, אבל הוא מצלצל",
    "ar": "لا أعرف أين هاتفي ولكنه يرن الآن",
    "el": "Δεν ξέρω πού είναι το τηλέφωνό μου",
    "emoji": "Monday 😭 again 😭 and no coffee ☕ at all",
}


def is_wider(word: str, size: int, style: TextStyle, width: int) -> bool:
    return ink_of(Line(word, 0, 0), size, style).width > width


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize(("width", "height"), [(600, 150), (300, 300), (900, 80)])
def test_a_block_is_inside_its_slot_and_no_larger_one_would_be(
    language: str, style: str, width: int, height: int
) -> None:
    look = style_module(style).STYLE.text
    slot = Box.from_edges(50, 40, 50 + width, 40 + height)
    block = Block((apply_case(TEXTS[language], look, language),), slot, True, look)
    size = largest_size([block], 8, 200)
    assert size > 8
    lines = set_lines(block, size)
    inks = [ink_of(line, size, look) for line in lines]
    assert min(ink.left for ink in inks) >= slot.left
    assert max(ink.right for ink in inks) <= slot.right
    assert min(ink.top for ink in inks) == slot.top
    assert max(ink.bottom for ink in inks) <= slot.bottom
    for upper, lower in itertools.pairwise(inks):
        assert upper.bottom < lower.top
    # Four sizes up, more than the rounding of glyphs to pixels can hide, something sticks out or a word
    # must be broken.
    larger = set_lines(block, size + 4)
    beyond = [ink_of(line, size + 4, look) for line in larger]
    sticks_out = (
        max(ink.bottom for ink in beyond) > slot.bottom or max(ink.right for ink in beyond) > slot.right
    )
    set_text = "".join(line.text for line in larger)
    assert sticks_out or any(
        piece.text not in set_text or is_wider(piece.text, size + 4, look, width)
        for piece in breaking.pieces(block.texts[0])
    )


@pytest.mark.parametrize("language", TEXTS)
def test_no_letter_is_lost_or_moved_by_breaking(language: str) -> None:
    block = Block((TEXTS[language],), Box(0, 0, 240, 900), True, BAR)
    lines = [line.text.lstrip("\u200f") for line in set_lines(block, 30)]
    assert len(lines) > 1
    joint = "" if language == "ja" else " "
    assert joint.join(lines) == TEXTS[language]


def test_every_line_of_a_right_to_left_text_runs_from_right_to_left() -> None:
    """The second line starts with a Latin word, which by itself would turn the line round."""
    block = Block(("שלום לכולם MemeGen עובד",), Box(0, 0, 430, 900), True, BAR)
    first, second = set_lines(block, 60)
    assert second.text == "\u200fMemeGen עובד"
    assert measure.runs(second.text, 60, BAR.family)[0].text.strip() == "עובד"
    assert first.text.endswith("שלום לכולם")


def test_a_word_wider_than_the_slot_is_broken_between_characters() -> None:
    word = "क्षत्रिय" * 12
    block = Block((word,), Box(0, 0, 200, 0), True, CLASSIC)
    assert largest_size([block], 30, 60) == 0
    lines = set_lines(block, 30)
    assert "".join(line.text for line in lines) == word
    assert all(ink_of(line, 30, CLASSIC).width <= 200 for line in lines)
    assert all(line.text[0] in "कतय" for line in lines)


def test_lines_are_even() -> None:
    block = Block(("one two three four five six seven eight nine ten",), Box(0, 0, 400, 900), True, BAR)
    widths = [ink_of(line, 40, BAR).width for line in set_lines(block, 40)]
    assert len(widths) >= 3
    assert min(widths) > 0.7 * max(widths)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        # By length alone: “so / where, when the / neighbour’s, de la / tía, 隣の人の / 動画.
        (
            "When somebody asks “so where are we eating?”",
            600,
            ["When somebody asks", "“so where are we eating?”"],
        ),
        ("When the plumber is at the neighbour’s", 500, ["When the plumber", "is at the neighbour’s"]),
        ("Cuando el grupo se llena de la tía", 450, ["Cuando el grupo", "se llena de la tía"]),
        ("電車で隣の人の動画が全部聞こえる時", 460, ["電車で隣の人の動画が", "全部聞こえる時"]),
        ("सब तैयार थे और मम्मी ने कहा रुको", 330, ["सब तैयार थे", "और मम्मी ने कहा रुको"]),
        ("मैं, घर का खाना खाते हुए वीडियो पर", 420, ["मैं, घर का खाना", "खाते हुए वीडियो पर"]),
        ("“ఈరోజు పాఠం లేదు” అని టీచర్ అన్నప్పుడు", 420, ["“ఈరోజు పాఠం లేదు” అని", "టీచర్ అన్నప్పుడు"]),
        # “turns / out”, “full / name”, “wrong / person”, “it / was”, “which / of us”,
        # “group / photo”, “into / a”, “ate / it”.
        (
            "When the raise turns out to be a certificate",
            560,
            ["When the raise turns out", "to be a certificate"],
        ),
        ("When I hear my full name from the kitchen", 560, ["When I hear my full name", "from the kitchen"]),
        (
            "When I wave at the wrong person and decide to commit",
            650,
            ["When I wave at the wrong person", "and decide to commit"],
        ),
        (
            "Cuando el robot aspirador me busca a oscuras",
            560,
            ["Cuando el robot aspirador", "me busca a oscuras"],
        ),
        ("Me finding out it was a costume party", 430, ["Me finding out", "it was a costume party"]),
        ("POV: you asked which of us is in charge", 450, ["POV: you asked", "which of us is in charge"]),
        (
            "When I learn the group photo was taken after I left",
            600,
            ["When I learn the group photo", "was taken after I left"],
        ),
        ("Me, three hours into a two-hour musical", 450, ["Me, three hours", "into a two-hour musical"]),
        (
            "When they ask who ate it and the dog can’t talk",
            560,
            ["When they ask who ate it", "and the dog can’t talk"],
        ),
        (
            "When my bank asks “was this you?” and it was",
            560,
            ["When my bank asks", "“was this you?” and it was"],
        ),
        # Where it is about as even: “pays / the same”, “finds / me”.
        (
            "When everyone pays the same and I had the soup",
            560,
            ["When everyone pays the same", "and I had the soup"],
        ),
        (
            "When the kiss cam finds me and my landlord",
            560,
            ["When the kiss cam finds me", "and my landlord"],
        ),
    ],
)
def test_a_line_ends_where_a_reader_would_pause(text: str, width: int, lines: list[str]) -> None:
    block = Block((text,), Box(0, 0, width, 900), True, BAR)
    assert [line.text for line in set_lines(block, 38)] == lines


def test_styles_write_as_their_languages_do() -> None:
    assert apply_case("Straße, ça va?", CLASSIC, "de") == "STRASSE, ÇA VA?"
    assert apply_case("işte bu ılık", CLASSIC, "tr") == "İŞTE BU ILIK"
    assert apply_case("çığlık, iyi", CLASSIC, "en") == "ÇIĞLIK, İYİ"
    assert apply_case("my idea", CLASSIC, "tr-TR") == "MY İDEA"
    assert apply_case("my idea", CLASSIC, "en") == "MY IDEA"
    assert apply_case("ίδια ώρα, ταΐζω", CLASSIC, "el") == "ΙΔΙΑ ΩΡΑ, ΤΑΪΖΩ"
    assert apply_case("As it is", BAR, "en") == "As it is"
