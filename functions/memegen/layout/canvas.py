"""Pads a meme to another shape: a square, 4:5, or 9:16 as stories have it. Nothing of it is cut."""

from dataclasses import replace

from memegen.geometry import Box
from memegen.layout.placement import Bubble, Placement, SetText
from memegen.text.fitting import Line

_SHAPES = {"square": 1.0, "portrait": 4 / 5, "story": 9 / 16}  # a meme's width by its height


def on_canvas(placement: Placement, canvas: str, long_side: int) -> Placement:
    """The meme in the middle of a canvas of the shape of one of options.CANVASES.

    The canvas around it continues the picture's own colours. The meme is shrunk where the longer side of the
    canvas would have more than `long_side` pixels.
    """
    if canvas not in _SHAPES:
        return placement
    shape = _SHAPES[canvas]
    width = max(placement.width, round(placement.height * shape))
    height = max(placement.height, round(placement.width / shape))
    right, down = (width - placement.width) // 2, (height - placement.height) // 2
    body = placement.body or (
        placement.picture if placement.is_ground_blurred else Box(0, 0, placement.width, placement.height)
    )
    return replace(
        placement,
        width=width,
        height=height,
        picture=placement.picture.moved(right, down),
        lines=_moved(placement.lines, right, down),
        bubbles=tuple(_moved_bubble(bubble, right, down) for bubble in placement.bubbles),
        labels=tuple(
            SetText(_moved(text.lines, right, down), text.size, text.style) for text in placement.labels
        ),
        leaders=tuple(leader.moved(right, down) for leader in placement.leaders),
        panels=tuple(replace(panel, target=panel.target.moved(right, down)) for panel in placement.panels),
        is_ground_blurred=True,
        body=body.moved(right, down),
        shrink=min(1.0, long_side / max(width, height)),
    )


def _moved(lines: tuple[Line, ...], right: int, down: int) -> tuple[Line, ...]:
    return tuple(line.moved(right, down) for line in lines)


def _moved_bubble(bubble: Bubble, right: int, down: int) -> Bubble:
    tail = bubble.tail
    if tail:
        one, other, tip = ((x + right, y + down) for x, y in tail)
        tail = one, other, tip
    return replace(bubble, box=bubble.box.moved(right, down), tail=tail)
