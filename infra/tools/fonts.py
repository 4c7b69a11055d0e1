"""`python -m infra.tools.fonts` makes the font files in functions/memegen/fonts from packages.

Each font gets a fixed weight and width and keeps only the characters that captions need, so that the
functions' archive stays small and starts fast. pip downloads the packages, at the versions named here. Anton
and the licences are unchanged files of the packages. coverage.json, written last, says which characters each
font has, so that the library need not read it from the fonts.
"""

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import OverlapMode, instantiateVariableFont

FOLDER = Path(__file__).parents[2] / "functions" / "memegen" / "fonts"


@dataclass(frozen=True)
class Source:
    """Where a font file comes from.

    path: inside the package's wheel. axes: the values at which a variable font is fixed. codes: the code
    points that it keeps. aliases: code points that get the glyph of another one, which looks the same.
    """

    package: str
    path: str
    axes: dict[str, float]
    codes: frozenset[int]
    aliases: dict[int, int] = field(default_factory=dict)


def _span(*ranges: tuple[int, int]) -> frozenset[int]:
    return frozenset(code for first, last in ranges for code in range(first, last + 1))


# Spaces, joiners, direction marks and the dotted circle under a mark that stands alone.
_COMMON = _span((0x20, 0x20), (0xA0, 0xA0), (0x200B, 0x200F), (0x25CC, 0x25CC))
_ASCII_PUNCTUATION = _span((0x21, 0x40), (0x5B, 0x60), (0x7B, 0x7E))
_EUROPEAN = _COMMON | _span(
    (0x20, 0x24F), (0x259, 0x259), (0x292, 0x292), (0x2B0, 0x36F), (0x370, 0x3FF), (0x400, 0x52F),
    (0x1E00, 0x1EFF), (0x1F00, 0x1FFF), (0x2010, 0x2044), (0x2070, 0x209C), (0x20A0, 0x20C0),
    (0x2100, 0x214F), (0x2150, 0x215E), (0x2190, 0x2199), (0x2200, 0x22FF), (0x25A0, 0x25FF),
)  # fmt: skip
_DEVANAGARI = (
    _COMMON | _ASCII_PUNCTUATION | _span((0x900, 0x97F), (0xA830, 0xA839), (0xA8E0, 0xA8FF), (0x1CD0, 0x1CFF))
)
_TELUGU = _COMMON | _ASCII_PUNCTUATION | _span((0xC00, 0xC7F), (0x951, 0x952), (0x964, 0x965))
_ARABIC = (
    _COMMON
    | _ASCII_PUNCTUATION
    | _span((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xAB, 0xAB), (0xBB, 0xBB), (0x2010, 0x2026))
)
_HEBREW = _COMMON | _ASCII_PUNCTUATION | _span((0x590, 0x5FF), (0xFB1D, 0xFB4F), (0x2010, 0x2026))


# What faces made of letters and lists have beside letters: ticks, boxes, notes, hearts, arrows and hands.
_SIGNS = _COMMON | _span(
    (0x250, 0x2AF), (0x300, 0x36F), (0x10D0, 0x10F6), (0x1401, 0x1407), (0x141B, 0x141B),
    (0x1455, 0x1457), (0x1D17, 0x1D17), (0x1D47, 0x1D47), (0x1D55, 0x1D55), (0x1D85, 0x1D85),
    (0x203F, 0x2040), (0x204E, 0x204E), (0x2310, 0x2310), (0x2500, 0x259F), (0x25A0, 0x25FF),
    (0x2605, 0x266F), (0x2701, 0x27BE),
)  # fmt: skip


def _japanese() -> frozenset[int]:
    """Windows code page 932 without Greek, Cyrillic and box drawing, with four everyday kanji that it lacks.

    The code page has all of JIS X 0208: kana, kanji of both levels, and more characters that names need.
    """
    found = set(map(ord, "𠮟塡剝頰〜―‖−"))
    for lead in (*range(0x81, 0xA0), *range(0xE0, 0xFD)):
        for trail in range(0x40, 0xFD):
            found.update(map(ord, bytes((lead, trail)).decode("cp932", errors="ignore")))
    found |= _span((0x3000, 0x3030), (0x3040, 0x30FF), (0xFF01, 0xFF9F)) | _ASCII_PUNCTUATION | _COMMON
    return frozenset(found) - _span((0x370, 0x52F), (0x2500, 0x257F), (0xE000, 0xF8FF))


FONTS = {
    # The boldest and narrowest form. It stands in for characters that Anton lacks.
    "NotoSans-CondensedBlack.ttf": Source(
        "fontpkg-noto-sans==2.15",
        "fontpkg_noto_sans/files/NotoSans[wdth,wght].ttf",
        {"wght": 900, "wdth": 62.5},
        _EUROPEAN,
    ),
    "NotoSans-Bold.ttf": Source(
        "fontpkg-noto-sans==2.15",
        "fontpkg_noto_sans/files/NotoSans[wdth,wght].ttf",
        {"wght": 700, "wdth": 90},
        _EUROPEAN,
    ),
    # HarfBuzz needs ten times as long to shape Noto's own Devanagari.
    "Mukta-ExtraBold.ttf": Source(
        "fontpkg-mukta==2.538", "fontpkg_mukta/files/Mukta-ExtraBold.ttf", {}, _DEVANAGARI
    ),
    "NotoSansTelugu-Bold.ttf": Source(
        "fontpkg-noto-sans-telugu==2.5",
        "fontpkg_noto_sans_telugu/files/NotoSansTelugu[wdth,wght].ttf",
        {"wght": 800, "wdth": 80},
        _TELUGU,
        {0xCA0: 0xC20, 0xCA5: 0xC25},  # ಠ and ಥ, eyes in faces made of letters, as Telugu's ఠ and థ
    ),
    "NotoSansArabic-Bold.ttf": Source(
        "fontpkg-noto-sans-arabic==2.12",
        "fontpkg_noto_sans_arabic/files/NotoSansArabic[wdth,wght].ttf",
        {"wght": 800, "wdth": 80},
        _ARABIC,
    ),
    "NotoSansHebrew-Bold.ttf": Source(
        "pylopdf-fonts-he==0.1.1",
        "pylopdf_fonts_he/NotoSansHebrew-Variable.ttf",
        {"wght": 800, "wdth": 80},
        _HEBREW,
    ),
    "NotoSansJP-Bold.otf": Source(
        "noto-cjk-sans-jp-bold==0.0.1", "noto_cjk_sans_jp_bold/NotoSansCJKjp-Bold.otf", {}, _japanese()
    ),
    "DejaVuSans-Bold.ttf": Source(
        "matplotlib==3.11.2", "matplotlib/mpl-data/fonts/ttf/DejaVuSans-Bold.ttf", {}, _SIGNS
    ),
    "NotoEmoji-Bold.ttf": Source(
        "manimgx-fonts==2026.9.26.post1",
        "manimgx_fonts/NotoEmoji[wght].ttf",
        {"wght": 700},
        _COMMON | _span((0x23, 0x39), (0xA9, 0xAE), (0x203C, 0x3299), (0xFE0F, 0xFE0F), (0x1F000, 0x1FAFF)),
    ),
}


def build(name: str, source: Source, packages: Path) -> None:
    """Make one font file."""
    subprocess.run(  # noqa: S603 - the interpreter's own pip with pinned names
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", packages, source.package],
        check=True,
    )
    stem = source.package.split("==")[0].replace("-", "_")
    wheel = next(packages.glob(f"{stem}-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        path = archive.extract(source.path, packages)
    font = TTFont(path)
    if source.axes:
        # FreeType draws overlapping outlines four times as slowly, so overlaps are removed.
        font = instantiateVariableFont(font, source.axes, overlap=OverlapMode.REMOVE)
    options = Options()
    options.hinting = False
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "STAT", "MVAR"]
    # These features are on by default. The subsetter's list also has those for vertical text, which go.
    options.layout_features = [tag for tag in options.layout_features if tag not in ("vert", "vrt2", "vkrn")]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=source.codes)
    subsetter.subset(font)
    drop_repeated_cmaps(font)
    for table in font["cmap"].tables if source.aliases else ():
        table.cmap.update({new: table.cmap[old] for new, old in source.aliases.items() if old in table.cmap})
    font.save(FOLDER / name)
    print(f"{name}: {(FOLDER / name).stat().st_size:,} bytes, {len(font.getBestCmap()):,} characters")


def drop_repeated_cmaps(font: TTFont) -> None:
    """Drop the cmap tables of 16 bits where the font has one of 32 bits, which FreeType takes and which holds
    the same characters and more."""
    tables = font["cmap"].tables
    wide = [table for table in tables if (table.platformID, table.platEncID) in ((3, 10), (0, 4), (0, 6))]
    if wide:
        font["cmap"].tables = wide


def ranges(codes: Iterable[int]) -> str:
    """Code points as coverage.json has them: "20-7e a0", hexadecimal, first and last of each range."""
    numbered = enumerate(sorted(codes))
    groups = [[code for _, code in group] for _, group in groupby(numbered, lambda pair: pair[1] - pair[0])]
    return " ".join(f"{g[0]:x}-{g[-1]:x}" if len(g) > 1 else f"{g[0]:x}" for g in groups)


def write_coverage() -> None:
    """Write which characters each font in the folder has a glyph for."""
    files = sorted(FOLDER.glob("*.[ot]tf"))
    coverage = {file.name: ranges(TTFont(file).getBestCmap()) for file in files}
    (FOLDER / "coverage.json").write_text(json.dumps(coverage, indent=1) + "\n")


def main() -> None:
    with tempfile.TemporaryDirectory() as packages:
        for name, source in FONTS.items():
            build(name, source, Path(packages))
    write_coverage()


if __name__ == "__main__":
    main()
