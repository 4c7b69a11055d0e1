"""The classic meme: white capitals on the picture, the top part at its top and the bottom part at its bottom.

Where a face leaves no room for that, both parts go where there is the most room.
"""

from collections.abc import Sequence

from memegen.geometry import Box
from memegen.layout.free_space import columns, margin, text_side, with_hair
from memegen.layout.placement import Placement
from memegen.layout.scene import Scene
from memegen.layout.style import ON_PICTURE
from memegen.text.fitting import Block, largest_comfortable, least_size, set_lines

_LARGEST = 0.115  # of the picture's side, so that a meme looks the same at every size
_CLEAR_OF_HAIR = 0.55  # of the largest size: letters stay off the hair too where they get that large
_BAND = 0.34  # of the picture's height, at most, for one part
_SLIM_BAND = 0.22  # and where nobody was found, if that is enough: who knows what is in the picture's middle
_COMFORTABLE = 0.75  # of the largest size: a slim band is enough for it
_STACK = 0.48  # and for two parts in one place

STYLE = ON_PICTURE


def place(scene: Scene) -> Placement | None:
    """The parts on the picture, clear of the faces; None where there is no room at a readable size."""
    width, height = scene.width, scene.height
    least = least_size(width)
    largest = max(least, round(_LARGEST * text_side(width, height) * scene.text_scale))
    clear = max(least, round(_CLEAR_OF_HAIR * largest))
    if scene.faces:
        heads = [with_hair(face) for face in scene.faces]
        best = largest_comfortable(_arrangements(scene, heads, _BAND), clear, largest)
    else:
        calm = max(least, round(_COMFORTABLE * largest))
        best = largest_comfortable(_arrangements(scene, (), _SLIM_BAND), calm, largest)
    best = best or largest_comfortable(_arrangements(scene, scene.faces, _BAND), least, largest)
    if best is None:
        return None
    size, blocks = best
    lines = tuple(line for block in blocks for line in set_lines(block, size))
    return Placement(width, height, Box(0, 0, width, height), STYLE, lines, size)


def _arrangements(scene: Scene, kept: Sequence[Box[float]], share: float) -> list[list[Block]]:
    """Every way to set the parts clear of what is kept free, the meme's usual one first. share: of the
    picture's height, the band for one part."""
    ways = []
    top, bottom, parts = scene.top, scene.bottom, scene.parts
    band = round(share * scene.height)
    reach = round(_STACK / _BAND * band) if len(parts) > 1 else band
    for column in columns(scene.width, scene.height, kept):
        above, below = column.above, column.below
        if top and bottom:
            ways.append(
                [
                    Block((top,), _upper(above, band), True, STYLE.text),
                    Block(scene.bottom_parts, _lower(below, band), False, STYLE.text),
                ]
            )
        stacks = [
            [Block(parts, _upper(above, reach), True, STYLE.text)],
            [Block(parts, _lower(below, reach), False, STYLE.text)],
        ]
        ways += stacks if top and not bottom else stacks[::-1]
        between = column.between.grown(-margin(scene.width, scene.height) // 2)
        ways.append(
            [Block(parts, Box(above.left, between.top, above.width, between.height), True, STYLE.text)]
        )
    return ways


def _upper(slot: Box[int], reach: int) -> Box[int]:
    return Box.from_edges(slot.left, slot.top, slot.right, min(slot.bottom, slot.top + reach))


def _lower(slot: Box[int], reach: int) -> Box[int]:
    return Box.from_edges(slot.left, max(slot.top, slot.bottom - reach), slot.right, slot.bottom)
