"""A film still: the photo cropped wide around the faces, a little darker, over one line of subtitles.

No head is cut: where the heads are too high for the wide crop, the crop is higher, and where the frame would
then be narrower than a telephone's, black is at its sides.
"""

from dataclasses import replace
from unicodedata import category

from memegen.geometry import Box, union
from memegen.layout.free_space import MOST_HAIR
from memegen.layout.motion import Frame, between, shrunk
from memegen.layout.placement import Panel, Placement
from memegen.layout.scene import Scene
from memegen.layout.style import BLACK, Style
from memegen.text import fonts
from memegen.text.fitting import Block, best_broken_size, bounds_of, count_lines, least_size, set_lines
from memegen.text.text_style import TextStyle

STYLE = Style(
    TextStyle(fonts.PLAIN, outline=0.0, leading=0.15, capitals=False, pitch=1.25),
    letters=(255, 236, 120),
    around=BLACK,
    paper=BLACK,
    in_bar=0.05,
)

_WIDE = 1.9  # the frame's width by its height
_LEAST_WIDE = 0.8  # and where the heads are high: as a telephone films
_WITHOUT_FACES = 1.45  # where nobody shows what matters, little of the photo is cut
# Of the frame's width: the band for a line and for each further one, the least gap above and below the text,
# and the air between a head and the frame.
_BAND, _FURTHER, _INNER = 0.135, 0.0775, 0.025
_AIR = 0.03
_SIZE, _SMALLER = 0.062, 0.9  # the text's size, of the frame's width, and the least of it for better lines
_EDGE = 0.075  # of the frame's width, free at both sides of the text
_FEW_LINES = 2  # a longer text is made smaller first
_LEAST_PIXELS = 480  # the frame's width, so that letters have pixels enough
_CLOSE = 7  # face widths: how wide the frame is where a face is small
_LEAST_SHARE = 0.6  # of the photo's width, which the frame shows at least
_FACE_AT = 0.42  # of the frame's height: where the middle of the faces is
_ROOM_ACROSS = 0.8  # of the frame's width, at most: the heads have shoulders beside them

_CLOSER = 0.78  # of what the still shows is in an animation's last frame, or more where heads need it
_FRAMES, _SILENT = 20, 5  # how many there are, and how many of the first are without the text
_MILLISECONDS, _LAST_MILLISECONDS = 200, 1800  # a frame, and the last one


def place(scene: Scene) -> Placement:
    """The film still; there is always room for it."""
    return _fitted(scene, _crop(scene))


def frames(scene: Scene) -> tuple[Frame, ...]:
    """The camera closes in slowly; after a second the text appears."""
    first = _crop(scene)
    last = _closer(scene, first)
    placement = _fitted(scene, first)
    (panel,) = placement.panels
    sources = [first, *between(first, last, _FRAMES - 2), last]
    return tuple(
        Frame(
            replace(
                placement,
                lines=placement.lines if number >= _SILENT else (),
                panels=(replace(panel, source=source),),
            ),
            _MILLISECONDS if number < _FRAMES - 1 else _LAST_MILLISECONDS,
        )
        for number, source in enumerate(sources)
    )


def _fitted(scene: Scene, source: Box[int]) -> Placement:
    width = float(min(max(source.width, _LEAST_PIXELS), scene.long_side))
    while True:
        placement = _framed(scene, source, width)
        excess = max(placement.width, placement.height) / scene.long_side
        if excess <= 1:
            return placement
        width /= max(excess, 1.01)


def _framed(scene: Scene, source: Box[int], source_width: float) -> Placement:
    """The still of a part of the photo that is `source_width` pixels wide in it."""
    scale = source_width / source.width
    across, down = max(1, round(source_width)), max(1, round(source.height * scale))
    width = max(across, round(_LEAST_WIDE * down))
    picture = Box((width - across) // 2, 0, across, down)
    edge = max(4, round(_EDGE * width))
    parts = tuple(filter(_is_visible, scene.parts)) or scene.parts
    least = least_size(width)
    size = max(least, round(_SIZE * width * scene.text_scale))
    room = Box.from_edges(edge, 0, width - edge, 10 * max(width, down))
    text: tuple[str, ...] = (" ".join(parts),)
    if len(parts) == _FEW_LINES and count_lines(Block(text, room, True, STYLE.text), size) > 1:
        text = parts  # a line each, rather than a break anywhere
    block = Block(text, room, True, STYLE.text)
    while size > least and count_lines(block, size) > _FEW_LINES:
        size -= 1
    size = _best_size(block, max(least, round(_SMALLER * size)), size)
    lines = set_lines(block, size)
    ink = bounds_of(lines, size, STYLE.text)
    usual = round((_BAND + (len(lines) - 1) * _FURTHER) * width)
    band = max(usual, ink.height + 2 * max(3, round(_INNER * width)))
    lines = [line.moved(0, picture.bottom + (band - ink.height) // 2 - ink.top) for line in lines]
    panel = Panel(source, picture, is_film=True)
    return Placement(width, picture.bottom + band, picture, STYLE, tuple(lines), size, panels=(panel,))


def _best_size(block: Block, least: int, largest: int) -> int:
    """The size at which the text is one line or, where there is none, at which its lines break best."""
    sizes = range(largest, least - 1, -1)
    in_one_line = (size for size in sizes if count_lines(block, size) == 1)
    return next(in_one_line, 0) or best_broken_size([block], least, largest)


def _is_visible(part: str) -> bool:
    return any(category(character) != "Cf" for character in part)


def _crop(scene: Scene) -> Box[int]:
    """The part of the photo that the still shows, without the border that a scan has at its top."""
    source = _around_heads(scene)
    border = scene.photo_top.border if scene.photo_top else 0
    return Box.from_edges(source.left, max(source.top, border), source.right, source.bottom)


def _around_heads(scene: Scene) -> Box[int]:
    """The part of the photo for a still: wide, with all heads whole and, where the photo has it, air
    around them. Without a face it is where the photo has most to see."""
    width, height = scene.width, scene.height
    heads = _heads(scene)
    if not heads:
        down = max(1, min(height, round(width / _WITHOUT_FACES)))
        across = max(1, min(width, round(height * _WIDE)))
        x, y = scene.focus or (width / 2, height / 2)
        left = _start(x - across / 2, across, width, 0, width)  # nothing must be in it
        return Box(left, _start(y - down / 2, down, height, 0, height), across, down)
    whole = union(heads)
    main = scene.faces[scene.main]
    wished = max(_CLOSE * main.width, _LEAST_SHARE * width, whole.width / _ROOM_ACROSS)
    down = min(height, max(round(min(wished, width) / _WIDE), whole.height))
    across = min(width, max(round(down * _WIDE), whole.width))
    air = Box(
        whole.left, whole.top - round(_AIR * across), whole.width, whole.height + round(2 * _AIR * across)
    )
    airy = air.within(width, height)
    if airy.height > down:
        down, whole = airy.height, airy
        across = min(width, max(round(down * _WIDE), whole.width))
    left = _start(whole.left + whole.width / 2 - across / 2, across, whole.left, whole.right, width)
    top = _start(main.top + main.height / 2 - _FACE_AT * down, down, whole.top, whole.bottom, height)
    return Box(left, top, across, down)


def _closer(scene: Scene, source: Box[int]) -> Box[int]:
    """The part of the still at which its animation ends: nearer to the main face, with the heads whole that
    the still shows."""
    heads = _heads(scene)
    whole = union(heads) if heads else source
    inner = Box.from_edges(
        max(whole.left, source.left),
        max(whole.top, source.top),
        min(whole.right, source.right),
        min(whole.bottom, source.bottom),
    )
    share = max(_CLOSER, inner.width / source.width, inner.height / source.height) if heads else _CLOSER
    across, down = max(1, round(source.width * share)), max(1, round(source.height * share))
    if not heads:
        return shrunk(source, share)
    main = scene.faces[scene.main].moved(-source.left, -source.top)
    inner = inner.moved(-source.left, -source.top)
    left = _start(main.left + main.width / 2 - across / 2, across, inner.left, inner.right, source.width)
    top = _start(main.top + main.height / 2 - _FACE_AT * down, down, inner.top, inner.bottom, source.height)
    return Box(source.left + left, source.top + top, across, down)


def _start(wished: float, length: int, first: int, last: int, end: int) -> int:
    """Where a span of this length starts: as near to where it is wished as it may, with the pixels `first` to
    before `last` in it, and within 0 and `end`."""
    nearest = min(max(round(wished), last - length), first)
    return min(max(nearest, 0), end - length)


def _heads(scene: Scene) -> list[Box[int]]:
    """What is seen of the heads: with hair, where it was seen or about where it is, with ears and chins."""
    tops = scene.photo_top.heads if scene.photo_top else [face.top for face in scene.faces]
    heads = [
        Box.from_edges(
            int(face.left - 0.3 * face.width),
            int(min(top, face.top - MOST_HAIR * face.height)),
            int(face.right + 0.3 * face.width) + 1,
            int(face.bottom + 0.2 * face.height) + 1,
        ).within(scene.width, scene.height)
        for face, top in zip(scene.faces, tops, strict=True)
    ]
    return [head for head in heads if head.width > 0 < head.height]
