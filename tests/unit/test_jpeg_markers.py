"""A JPEG's markers, by ITU-T T.81, annex B: what its decoder gets, and what is counted before that."""

import struct

import pytest

from memegen import PhotoError
from memegen.photo.jpeg import count_scans, find_frame, open_jpeg, read_header, with_ends
from tests.support.photo_files import fields, saved


def segment(kind: int, content: bytes = b"") -> bytes:
    return bytes([0xFF, kind]) + struct.pack(">H", len(content) + 2) + content


def frame(*sampling: int, size: tuple[int, int] = (80, 48), kind: int = 0xC0, precision: int = 8) -> bytes:
    """B.2.2: for each component its number, its factors across and down, and its table."""
    parts = b"".join(bytes([number, factors, 0]) for number, factors in enumerate(sampling))
    return segment(kind, struct.pack(">BHHB", precision, size[1], size[0], len(sampling)) + parts)


START = b"\xff\xd8"
END = b"\xff\xd9"
SCAN = segment(0xDA, b"\1\0\0\0\0\0") + b"pixels"
PLAIN = frame(0x11)


def test_the_decoder_gets_what_it_needs_and_nothing_else() -> None:
    needed = [
        segment(0xE0, b"JFIF" + bytes(59)),
        segment(0xDB, b"tables"),
        segment(0xEE, b"Adobe"),
        PLAIN,
        segment(0xC4, b"Huffman"),
        segment(0xCC, b"conditioning"),
        segment(0xDD, b"\0\1"),
    ]
    others = [
        segment(0xE0, b"JFIF" + bytes(60)),
        segment(0xEE, bytes(64)),
        segment(0xE1, b"Exif\0\0first"),
        segment(0xE1, b"Exif\0\0second"),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/"),
        segment(0xE2, b"ICC_PROFILE\0\1\1profile"),
        segment(0xE3, b"more"),
        segment(0xFE, b"comment"),
    ]
    mixed = b"".join(b"".join(pair) for pair in zip(others, [*needed, b"\xff\1"], strict=True))
    header = read_header(START + mixed + SCAN + END)
    assert header.needed == START + b"".join(needed) + SCAN + END
    assert header.exif == b"Exif\0\0first"
    assert header.profile == b"profile"
    assert (header.frame.kind, header.frame.size) == (0xC0, (80, 48))
    assert (header.interleaved, header.scans) == (True, 1)


@pytest.mark.parametrize(("components", "interleaved"), [(1, False), (2, False), (3, True), (4, True)])
def test_a_scan_of_all_components_is_interleaved(components: int, interleaved: bool) -> None:
    scan = segment(0xDA, bytes([components]) + bytes(9))
    assert read_header(START + frame(0x22, 0x11, 0x11) + scan).interleaved == interleaved
    assert find_frame(frame(0x22, 0x11, 0x11) + scan, 0, 99) is not None


@pytest.mark.parametrize(
    "data",
    [
        START + SCAN,  # no frame
        START + PLAIN + END + SCAN,
        START + PLAIN,
        START + PLAIN + segment(0xDA),
        START + PLAIN + PLAIN + SCAN,
        START + PLAIN + b"\xff\xfe\0\1" + SCAN,  # a length below its own two bytes
        START + PLAIN + b"\xff\xfe\xff\xff" + SCAN,  # past the end
        START + PLAIN + b"\xff\xda\0\x08" + bytes(5),
        b"",
    ],
)
def test_a_jpeg_without_a_whole_scan_is_broken(data: bytes) -> None:
    with pytest.raises(ValueError, match="JPEG"):
        read_header(data)


def test_a_scan_s_segment_may_end_where_the_file_does() -> None:
    assert read_header(START + PLAIN + segment(0xDA, b"\1")).scans == 1
    assert read_header(START + segment(0xFE) + PLAIN + SCAN).needed == START + PLAIN + SCAN


def test_5_000_segments_are_read_and_counted_everywhere() -> None:
    """With the frame and the scan. What has no length counts too."""
    many = segment(0xFE) * 2000 + b"\xff\1" * 2998
    assert read_header(START + many + PLAIN + SCAN).scans == 1
    assert find_frame(many + PLAIN + SCAN, 0, 99_999) is not None
    for read in (
        lambda: read_header(START + many + segment(0xFE) + PLAIN + SCAN),
        lambda: find_frame(many + segment(0xFE) + PLAIN + SCAN, 0, 99_999),
        lambda: count_scans(SCAN + many + segment(0xFE) + segment(0xFE) + SCAN),
    ):
        with pytest.raises(PhotoError, match="so many pieces"):
            read()
    assert count_scans(SCAN + many + SCAN) == 2


def test_a_jpeg_has_100_scans_at_most() -> None:
    assert read_header(START + PLAIN + SCAN * 100).scans == 100
    with pytest.raises(PhotoError, match="so many pieces"):
        read_header(START + PLAIN + SCAN * 101)


def test_what_stands_in_a_segment_is_no_scan() -> None:
    assert count_scans(SCAN + segment(0xFE, b"\xff\xda\0\2") + SCAN) == 2
    assert count_scans(SCAN + b"\xff\xd8" + SCAN + b"\xff\xd0\xff\0\xff\xda\0\2") == 3
    assert count_scans(SCAN + SCAN + END + SCAN) == 2


# Frames


@pytest.mark.parametrize(
    ("made", "blocks"),
    [
        (frame(0x11), 10 * 6),
        (frame(0x22), 5 * 3 * 4),
        (frame(0x11, 0x11, 0x11), 10 * 6 * 3),
        (frame(0x22, 0x11, 0x11), 5 * 3 * 6),
        (frame(0x21, 0x11, 0x11), 5 * 6 * 4),
        (frame(0x12, 0x11, 0x11), 10 * 3 * 4),
        (frame(0x41, 0x11, 0x11), 3 * 6 * 6),
        (frame(0x14, 0x11, 0x11), 10 * 2 * 6),
        (frame(0x44, 0x11, 0x11, 0x44, size=(81, 49)), 3 * 2 * 34),
        (frame(0x11, 0x22, 0x11, size=(1, 1)), 6),
    ],
)
def test_blocks_by_hand(made: bytes, blocks: int) -> None:
    """Units of 8 × 8 times the largest factors, in each of which a component has factor × factor blocks."""
    assert read_header(START + made + SCAN).frame.blocks == blocks


@pytest.mark.parametrize(
    "made",
    [
        frame(),
        frame(0x11, size=(0, 5)),
        frame(0x11, size=(5, 0)),
        frame(0x01),
        frame(0x10),
        frame(0x51),
        frame(0x15),
        frame(0x11, 0x11, 0x51),
    ],
)
def test_a_frame_of_nothing_or_of_other_factors_is_damaged(made: bytes) -> None:
    with pytest.raises(PhotoError) as caught:
        read_header(START + made + SCAN)
    assert caught.value.code == "damaged-image"


@pytest.mark.parametrize(
    ("kinds", "named"),
    [
        ((0xC3, 0xCB), "lossless JPEG"),
        ((0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF), "hierarchical JPEG"),
        ((0xF7,), "JPEG-LS"),
    ],
)
def test_frames_of_other_codings_are_named(kinds: tuple[int, ...], named: str) -> None:
    for kind in kinds:
        with pytest.raises(PhotoError, match=f"of the kind {named}") as caught:
            read_header(START + frame(0x11, kind=kind) + SCAN)
        assert caught.value.code == "unsupported-format"


@pytest.mark.parametrize("precision", [2, 7, 9, 12, 16])
def test_frames_of_other_depths_are_named(precision: int) -> None:
    with pytest.raises(PhotoError, match=f"{precision}-bit JPEG"):
        read_header(START + frame(0x11, precision=precision) + SCAN)


@pytest.mark.parametrize("kind", [0xC0, 0xC1, 0xC2, 0xC9, 0xCA])
def test_frames_that_are_decoded(kind: int) -> None:
    assert read_header(START + frame(0x11, kind=kind) + SCAN).frame.kind == kind


def test_of_a_tiff_s_jpeg_the_first_frame_counts_up_to_its_end() -> None:
    other = frame(0x22, size=(9, 9))
    found = find_frame(segment(0xFE, PLAIN) + other + PLAIN + SCAN, 0, 999)
    assert found is not None
    assert found[0].size == (9, 9)
    assert find_frame(END + PLAIN + SCAN, 0, 999) is None
    assert find_frame(SCAN + PLAIN + SCAN, 0, 999) is None
    assert find_frame(b"\xff\xd8\xff\1" + PLAIN + SCAN, 0, 999) is not None
    whole = PLAIN + segment(0xFE, b"abc") + SCAN
    assert find_frame(whole, 0, whole.index(b"\xff\xda")) is None


# Profiles (ICC.1, B.4)


def icc(*parts: tuple[int, int, bytes]) -> bytes | None:
    segments = [segment(0xE2, b"ICC_PROFILE\0" + bytes([n, of]) + part) for n, of, part in parts]
    return read_header(START + b"".join(segments) + PLAIN + SCAN).profile


def test_a_profile_s_parts_are_joined_by_their_numbers() -> None:
    assert icc((1, 1, b"all")) == b"all"
    assert icc((2, 3, b"b"), (3, 3, b"c"), (1, 3, b"a")) == b"abc"
    assert icc((1, 3, b"a"), (2, 3, b"b")) is None
    assert icc((1, 1, b"a"), (2, 1, b"b")) is None
    assert icc() is None
    other = segment(0xE2, b"MPF\0")
    assert read_header(START + other + PLAIN + SCAN).profile is None


# What is decoded


@pytest.mark.parametrize(
    ("long_side", "decoded"),
    [
        (800, (800, 600)),
        (401, (800, 600)),
        (400, (400, 300)),
        (200, (200, 150)),
        (100, (100, 75)),
        (1, (100, 75)),
    ],
)
def test_a_jpeg_is_decoded_at_the_smallest_scale_that_is_large_enough(
    long_side: int, decoded: tuple[int, int]
) -> None:
    assert next(open_jpeg(saved(fields(800, 600), "JPEG"), long_side)).size == decoded


@pytest.mark.parametrize(("last", "following"), [(0, 1), (3, 4), (6, 7), (7, 0), (None, 0)])
def test_blocks_of_no_meaning_stand_behind_the_next_restart(last: int | None, following: int) -> None:
    before = (
        b"data"
        if last is None
        else bytes([0xFF, 0xD0 + (last - 1) % 8]) + b"data" + bytes([0xFF, 0xD0 + last])
    )
    jpeg = START + before + b"more"
    blocks = bytes(range(0x80, 0xFF))
    assert with_ends(jpeg + b"\xff") == (
        jpeg + END, jpeg + blocks + bytes([0xFF, 0xD0 + following]) + blocks + END
    )  # fmt: skip


def test_a_restart_at_a_file_s_very_beginning_counts() -> None:
    assert with_ends(b"\xff\xd2data")[1].count(b"\xff\xd3") == 1
