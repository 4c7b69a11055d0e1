"""A HEIF file's boxes, made by hand by ISO/IEC 14496-12 and 23008-12, and what they say of its items."""

import struct

import pytest

from memegen import PhotoError
from memegen.photo.boxes import (
    Items,
    _boxes,
    _own_codings,
    _places,
    _references,
    has_unreadable_items,
    read_items,
)
from memegen.photo.coding import Coding
from tests.support.parameter_sets import parameter_set


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full(kind: bytes, content: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">BxxB", version, flags) + content)


def heif(*boxes: bytes, primary: int = 1) -> bytes:
    wide = primary > 65_535
    names = full(b"pitm", struct.pack(">I" if wide else ">H", primary), version=int(wide))
    return box(b"ftyp", b"heic\0\0\0\0") + full(b"meta", names + b"".join(boxes))


def extent(width: int, height: int) -> bytes:
    return full(b"ispe", struct.pack(">II", width, height))


def owned(
    properties: list[bytes], links: dict[int, list[int]], wide: bool = False, far: bool = False
) -> bytes:
    """iprp: the properties, and by item which it has, counted from 1. wide: ids of 4 bytes. far: of 2."""
    content = struct.pack(">I", len(links))
    for item, own in links.items():
        content += struct.pack(">IB" if wide else ">HB", item, len(own))
        content += b"".join(struct.pack(">H", 0x8000 | n) if far else bytes([0x80 | n]) for n in own)
    return box(b"iprp", box(b"ipco", b"".join(properties)) + full(b"ipma", content, int(wide), int(far)))


def hvcc(chroma: int = 1, luma: int = 8, colour: int = 8, *units: bytes, length: int = 4) -> bytes:
    """14496-15, 8.3.3.1, with the bits set that are reserved. units: one array of them."""
    known = bytes([0xFC | chroma, 0xF8 | luma - 8, 0xF8 | colour - 8, 0, 0, 0xFC | length - 1])
    arrays = struct.pack(">BBH", 1, 0x21, len(units)) if units else b"\0"
    return box(b"hvcC", bytes(16) + known + arrays + b"".join(struct.pack(">H", len(u)) + u for u in units))


def test_of_a_file_that_says_little_the_usual_is_taken() -> None:
    assert read_items(heif(primary=7)) == Items(7, {}, {}, depth=8, chroma=0.5, has_alpha=False, described=0)
    assert Items() == Items(0, {}, {}, 8, 0.5, False, 0)
    assert (Items().size, Items().work()) == ((0, 0), (1, 0))


@pytest.mark.parametrize("data", [b"", box(b"ftyp", b"heic"), box(b"ftyp", b"heic") + box(b"moov", bytes(9))])
def test_without_a_directory_there_are_no_items(data: bytes) -> None:
    with pytest.raises(ValueError, match="there is no b'meta'"):
        read_items(data)


@pytest.mark.parametrize("first", [1, 70_000])
@pytest.mark.parametrize("far", [False, True])
def test_tiles_of_a_canvas_have_their_sizes_and_their_count(first: int, far: bool) -> None:
    """Ids of 4 bytes stand in other versions of all boxes than those of 2."""
    wide = first > 65_535
    tiles = [first + 1, first + 2]
    form = ">I" if wide else ">H"
    canvas = b"\0\0\0\1" + struct.pack(">HH", 1500, 700)
    names = [(first, b"grid"), *((tile, b"hvc1") for tile in tiles)]
    entries = b"".join(
        full(b"infe", struct.pack(form, item) + b"\0\0" + name + b"\0", version=3 if wide else 2)
        for item, name in names
    )
    data = heif(
        full(b"iinf", struct.pack(form, 3) + entries, version=int(wide)),
        full(b"iref", box(b"dimg", struct.pack(f"{form}H2{form[1]}", first, 2, *tiles)), int(wide)),
        owned(
            [extent(60, 50), extent(700, 600), hvcc(2, 10, 9)],
            {first: [1], tiles[0]: [2, 3], tiles[1]: [2, 3]},
            wide,
            far,
        ),
        full(b"iloc", b"\x44\0" + struct.pack(f"{form}{form[1]}HHHII", 1, first, 1, 0, 1, 0, 8), 1 + wide),
        box(b"idat", canvas),
        primary=first,
    )
    sizes = {first: (1500, 700), tiles[0]: (700, 600), tiles[1]: (700, 600)}
    items = read_items(data)
    assert items == Items(first, sizes, {first: tiles}, depth=10, chroma=1.0)
    assert items.size == (1500, 700)
    assert items.work() == (2, 1500 * 700)


@pytest.mark.parametrize(
    ("kind", "payload", "size"),
    [
        (b"grid", struct.pack(">BBBBHH", 0, 0, 0, 0, 900, 800), (900, 800)),
        (b"grid", struct.pack(">BBBBII", 0, 1, 0, 0, 90_000, 800), (90_000, 800)),
        (b"iovl", struct.pack(">BB4HHH", 0, 0, 9, 9, 9, 9, 900, 800), (900, 800)),
        (b"iovl", struct.pack(">BB4HII", 0, 1, 9, 9, 9, 9, 900, 80_000), (900, 80_000)),
        (b"iden", struct.pack(">BBBBHH", 0, 0, 0, 0, 900, 800), (70, 60)),
    ],
)
@pytest.mark.parametrize("version", [0, 1])
def test_a_canvas_tells_its_size(kind: bytes, payload: bytes, size: tuple[int, int], version: int) -> None:
    """iinf's version is no matter of its entries': it tells of how many bytes their count has."""
    count = struct.pack(">I" if version else ">H", 1)
    data = heif(
        full(b"iinf", count + full(b"infe", b"\0\1\0\0" + kind + b"\0", version=2), version=version),
        owned([extent(70, 60)], {1: [1]}),
        full(b"iloc", b"\x44\0" + struct.pack(">HHHHHII", 1, 1, 1, 0, 1, 0, len(payload)), version=1),
        box(b"idat", payload),
    )
    assert read_items(data).size == size


@pytest.mark.parametrize(
    ("coded", "size"),
    [
        ((364, 264), (300, 200)),
        ((365, 200), (365, 200)),
        ((300, 265), (300, 265)),
        ((365, 100), (365, 200)),
        ((100, 265), (300, 265)),
    ],
)
def test_what_is_coded_counts_if_it_is_larger_by_more_than_a_block(
    coded: tuple[int, int], size: tuple[int, int]
) -> None:
    """An encoder codes whole blocks of up to 64 × 64."""
    config = hvcc(1, 8, 8, parameter_set(coded, 1, 8, 8))
    assert read_items(heif(owned([extent(300, 200), config], {1: [1, 2]}))).sizes == {1: size}


def test_an_item_has_the_properties_that_there_are() -> None:
    """0 stands for none, and a number past the last is broken."""
    data = heif(owned([extent(300, 200), extent(9, 9)], {1: [1, 0], 2: [3], 3: [2]}))
    assert read_items(data).sizes == {1: (300, 200), 3: (9, 9)}


@pytest.mark.parametrize("count", [2, 50_001, 2**31])
def test_properties_past_their_box_s_end_are_broken(count: int) -> None:
    data = owned([extent(300, 200)], {1: [1]})
    at = data.index(b"ipma") + 8
    broken = heif(data[:at] + struct.pack(">I", count) + data[at + 4 :], bytes(100))
    with pytest.raises(PhotoError if count > 50_000 else ValueError):
        read_items(broken)


# How a picture is coded, by its configuration


@pytest.mark.parametrize(
    ("config", "depth", "chroma"),
    [
        (hvcc(0, 8, 8), 8, 0.5),  # grey: the least that a decoder makes room for
        (hvcc(1, 9, 8), 9, 0.5),
        (hvcc(2, 8, 12), 12, 1.0),
        (hvcc(3, 15, 9), 15, 2.0),
        (box(b"av1C", b"\x81\0\x8f\0"), 8, 0.5),
        (box(b"av1C", b"\x81\0\x0b\0"), 8, 1.0),
        (box(b"av1C", b"\x81\0\x07\0"), 8, 1.0),
        (box(b"av1C", b"\x81\0\x83\0"), 8, 2.0),
        (box(b"av1C", b"\x81\0\x4f\0"), 10, 0.5),
        (box(b"av1C", b"\x81\0\x60\0"), 12, 2.0),
        (box(b"av1C", b"\x81\0\x20\0"), 8, 2.0),  # of 12 bits it is only if it has more than 8
        (box(b"av1C", b"\x81\0\x50\0"), 10, 0.5),
    ],
)
def test_a_configuration_tells_bits_and_colours(config: bytes, depth: int, chroma: float) -> None:
    items = read_items(heif(owned([box(b"free", b""), config], {})))
    assert (items.depth, items.chroma) == (depth, chroma)


@pytest.mark.parametrize("length", [1, 2, 4])
def test_parameter_sets_are_found_in_the_configuration_and_among_the_coded_bytes(length: int) -> None:
    first, second = parameter_set((640, 480), 2, 10, 8), parameter_set((320, 240), 1, 8, 12)
    config = hvcc(1, 8, 8, b"\x40\1video", first, length=length)[8:]
    config = config[:22] + b"\2" + b"\x20\0\1\0\3abc" + config[23:]  # an array of another kind before it
    coded = len(second).to_bytes(length) + second
    found = list(_own_codings(b"hvcC", config, coded))
    assert found == [Coding(10, 1.0, (640, 480)), Coding(12, 0.5, (320, 240))]


def test_bytes_may_be_read_twice_for_all_items_and_no_more_often() -> None:
    """Each item has a configuration of its own, and all of the file as its bytes."""

    def sharing(count: int) -> bytes:
        ids = range(1, count + 1)
        place = b"".join(struct.pack(">HHHI", item, 0, 1, 0) for item in ids)
        return heif(
            owned([hvcc() for _ in ids], {item: [item] for item in ids}),
            full(b"iloc", b"\x40\0" + struct.pack(">H", count) + place),
        )

    assert read_items(sharing(2)).depth == 8
    with pytest.raises(PhotoError, match="so many pieces"):
        read_items(sharing(3))


# Other properties and references


@pytest.mark.parametrize(
    ("name", "alpha"),
    [
        (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", True),
        (b"urn:mpeg:hevc:2015:auxid:1", True),
        (b"urn:mpeg:hevc:2015:auxid:2", False),
        (b"urn:mpeg:hevc:2015:auxid:10", False),
    ],
)
def test_alpha_is_known_by_its_name(name: bytes, alpha: bool) -> None:
    for end in (b"\0", b""):  # some writers leave the zero away
        assert read_items(heif(owned([full(b"auxC", name + end), extent(9, 9)], {}))).has_alpha == alpha


@pytest.mark.parametrize(("version", "form"), [(0, "H"), (1, "I")])
def test_references_tell_parts_and_what_metadata_belongs_to(version: int, form: str) -> None:
    boxes = [
        box(b"dimg", struct.pack(f">{form}H3{form}", 1, 3, 4, 5, 6)),
        box(b"thmb", struct.pack(f">{form}H{form}", 9, 1, 1)),
        box(b"cdsc", struct.pack(f">{form}H2{form}", 7, 2, 1, 4)),
        box(b"cdsc", struct.pack(f">{form}H1{form}", 8, 1, 1)),
        box(b"dimg", struct.pack(f">{form}H1{form}", 4, 1, 10)),
    ]
    items = read_items(heif(full(b"iref", b"".join(boxes), version)))
    assert items.parts == {1: [4, 5, 6], 4: [10]}
    assert items.described == 3
    assert items.work() == (3, 0)


def test_references_are_counted() -> None:
    def some(*counts: int) -> bytes:
        return bytes(4) + b"".join(box(b"cdsc", struct.pack(">HH", 1, count)) for count in counts)

    assert _references(some(25_000, 25_000), 0, 24 + 4) == ({}, 50_000)
    with pytest.raises(PhotoError, match="so many pieces"):
        _references(some(25_000, 25_001), 0, 24 + 4)


@pytest.mark.parametrize("below", [8, 9])
def test_pictures_may_be_made_of_pictures_8_times(below: int) -> None:
    chain = Items(primary=0, sizes={below: (30, 20)}, parts={n: [n + 1] for n in range(below)})
    if below <= 8:
        assert chain.work() == (1, 600)
    else:
        with pytest.raises(ValueError, match="without end"):
            chain.work()


def test_the_work_is_the_larger_of_a_picture_and_its_parts() -> None:
    sizes = {1: (30, 20), 2: (20, 20), 3: (20, 20)}
    assert Items(1, sizes, {1: [2, 3]}).work() == (2, 800)
    assert Items(1, sizes | {1: (40, 30)}, {1: [2, 3]}).work() == (2, 1200)
    assert Items(1, sizes, {1: [2, 2, 2, 9]}).work() == (4, 1200)  # 9 has no extent


# Where an item's bytes lie


@pytest.mark.parametrize(
    ("version", "content", "expected"),
    [
        # offsets and lengths of 4 bytes; the second piece goes on to the end
        (0, struct.pack(">BBHHHHIIII", 0x44, 0, 1, 5, 0, 2, 100, 20, 300, 0), {5: ((100, 120), (300, 1000))}),
        # a base of 4 bytes; what version 0 says of an index isn't meant
        (0, struct.pack(">BBHHHIHII", 0x44, 0x44, 1, 5, 0, 50, 1, 60, 10), {5: ((110, 120),)}),
        # offsets of 8 bytes and lengths of 2, two items; the last is cut at the file's end
        (0, struct.pack(">BBH", 0x82, 0, 2) + struct.pack(">HHHQH", 5, 0, 1, 7, 1)
         + struct.pack(">HHHQH", 6, 0, 1, 900, 200), {5: ((7, 8),), 6: ((900, 1000),)}),
        # version 1: an index of 4 bytes before each piece; method 1 counts from idat, which is at 500
        (1, struct.pack(">BBHHHHIHIII", 0x44, 0x44, 1, 6, 0xFFF1, 0, 8, 1, 7, 2, 3), {6: ((510, 513),)}),
        (1, struct.pack(">BBHHHHHII", 0x44, 0, 1, 6, 0, 0, 1, 2, 3), {6: ((2, 5),)}),
        (1, struct.pack(">BBHHHHHII", 0x44, 0, 1, 6, 2, 0, 1, 2, 3), {6: ((2, 5),)}),
        # version 2: ids and their count have 4 bytes; without any offset all of the file is meant
        (2, struct.pack(">BBIIHHH", 0, 0, 1, 70_000, 0, 0, 1), {70_000: ((0, 1000),)}),
        (2, struct.pack(">BBIIHHH", 0, 0, 1, 70_000, 1, 0, 1), {70_000: ((500, 1000),)}),
    ],
)  # fmt: skip
def test_pieces_by_hand(version: int, content: bytes, expected: dict) -> None:
    data = (bytes([0xFF] * 10 + [version, 0, 0, 0]) + content).ljust(1000, b"\0")
    assert _places(data, 10, 1000, 500) == expected


@pytest.mark.parametrize("counts", [(25_000, 25_001), (50_001,)])
def test_pieces_are_counted(counts: tuple[int, ...]) -> None:
    def content(*counts: int) -> bytes:
        own = b"".join(struct.pack(">HHH", item, 0, count) for item, count in enumerate(counts))
        return struct.pack(">BxxxBBH", 0, 0, 0, len(counts)) + own

    assert len(_places(content(25_000, 25_000), 0, 0, 0)[1]) == 25_000
    with pytest.raises(PhotoError, match="so many pieces"):
        _places(content(*counts), 0, 0, 0)


# Boxes


def test_boxes_by_hand() -> None:
    """8 bytes of head, or 16 with a long size; the last may go on to the end."""
    long = struct.pack(">I4sQ", 1, b"long", 20) + b"abcd"
    data = b"xx" + box(b"free", b"") + long + box(b"some", b"abc") + struct.pack(">I4s", 0, b"rest") + b"end"
    kinds = [(b"free", 10, 10), (b"long", 26, 30), (b"some", 38, 41), (b"rest", 49, 52)]
    assert list(_boxes(data, 2, len(data))) == kinds
    assert list(_boxes(data, 2, 41)) == kinds[:3]
    assert list(_boxes(data, 2, 40)) == kinds[:2]  # its end is missing
    assert list(_boxes(data, 2, 10)) == kinds[:1]


@pytest.mark.parametrize(
    "head",
    [struct.pack(">I4s", 7, b"abcd"), struct.pack(">I4sQ", 1, b"abcd", 15), struct.pack(">I4s", 2, b"abcd")],
)
def test_a_box_that_is_smaller_than_its_head_ends_the_boxes(head: bytes) -> None:
    data = box(b"free", b"") + head + bytes(50)
    assert list(_boxes(data, 0, len(data))) == [(b"free", 8, 8)]


def test_boxes_are_counted() -> None:
    assert sum(1 for _ in _boxes(box(b"free", b"") * 50_000, 0, 400_000)) == 50_000
    with pytest.raises(PhotoError, match="so many pieces"):
        list(_boxes(box(b"free", b"") * 50_001, 0, 400_008))


# Texts that would end pi-heif


def infe(text: bytes, version: int = 2) -> bytes:
    return full(b"infe", struct.pack(">I" if version == 3 else ">H", 1) + b"\0\0" + text, version)


@pytest.mark.parametrize(
    ("data", "unreadable"),
    [
        (infe(b"hvc1caf\xc3\xa9\0"), False),
        (infe(b"hvc1caf\xe9\0"), True),
        (infe(b"hvc\xe9\0"), True),
        (infe(b"hvc1caf\xe9\0", version=3), True),
        (infe(b"hvc1\0", version=3) + b"\xe9", False),  # it stands behind the item
        (infe(b"hvc1\0") + b"\xe9", False),
        (infe(b"hvc1\0") + infe(b"hvc1\xe9"), True),
        (infe(b"caf\xe9\0", version=1), False),  # another layout, which it doesn't read
        (b"\0\0\0\0" + infe(b"hvc1\0")[4:] + b"\xe9", True),  # to the end
        (struct.pack(">I4sQ", 1, b"infe", 29) + infe(b"hvc1\0")[8:] + b"\xe9", False),
        (struct.pack(">I4sQ", 1, b"infe", 30) + infe(b"hvc1\0")[8:] + b"\xe9", True),
    ],
)
def test_an_item_s_text_that_is_no_utf_8_is_found(data: bytes, unreadable: bool) -> None:
    assert has_unreadable_items(b"before" + data) == unreadable
