"""The caption in a bar above the picture, which is shown without empty headroom.

Where the picture's top is plain and light, the bar is more of it, without a seam. Otherwise it is paper.
Where the picture cuts a head at its top, the bar is below, because it would seem to have cut the head.
Letters are so large that lines are wide.
"""

from dataclasses import replace

from memegen.layout.bars import with_bars
from memegen.layout.free_space import HAIR
from memegen.layout.placement import DrawnOn, Placement
from memegen.layout.scene import Scene
from memegen.layout.style import ON_PAPER

STYLE = ON_PAPER

_LEAST_GROUND = 0.015  # of the width: how much plain ground above the hair there must be to go on with
_CHIN = 0.12  # of a face's height: how much of a chin may be missing that is not called cut


def place(scene: Scene) -> Placement:
    """Both parts in one bar; there is always room for it."""
    above = with_bars(scene, STYLE)
    top = _top_drawn_on(scene, above)
    if top:
        return replace(above, top=top)
    return with_bars(scene, STYLE, is_below=True) if _cuts_a_head(scene) else above


def _cuts_a_head(scene: Scene) -> bool:
    """Whether the picture shows a head without its hair, and all chins."""
    return any(face.top < HAIR * face.height for face in scene.faces) and all(
        face.bottom - _CHIN * face.height <= scene.height for face in scene.faces
    )


def _top_drawn_on(scene: Scene, placement: Placement) -> DrawnOn | None:
    """How the picture's top goes on in the bar, or None where it is not plain or hair is too near."""
    top = scene.photo_top
    if top is None or placement.picture.width < placement.width:
        return None
    source = placement.panels[0].source if placement.panels else scene.picture
    scale = placement.picture.width / source.width
    clear = scene.height if top.clear is None else top.clear
    border, clear = (max(0, round((row - source.top) * scale)) for row in (top.border, clear))
    if clear - border < _LEAST_GROUND * placement.width:
        return None
    return DrawnOn(border, clear, is_under_text=True)
