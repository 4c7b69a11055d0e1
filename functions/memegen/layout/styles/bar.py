"""The caption in a bar above the picture, which is shown without empty headroom.

Where the picture's top is plain and light, the bar is more of it, without a seam. Otherwise it is paper.
Letters are so large that lines are wide.
"""

from dataclasses import replace

from memegen.layout.bars import with_bars
from memegen.layout.placement import DrawnOn, Placement
from memegen.layout.scene import Scene
from memegen.layout.style import ON_PAPER

STYLE = ON_PAPER

_LEAST_GROUND = 0.015  # of the width: how much plain ground above the hair there must be to go on with


def place(scene: Scene) -> Placement:
    """Both parts in one bar; there is always room for it."""
    placement, top = with_bars(scene, STYLE), scene.photo_top
    if top is None or placement.picture.width < placement.width:
        return placement
    source = placement.panels[0].source if placement.panels else scene.picture
    scale = placement.picture.width / source.width
    clear = scene.height if top.clear is None else top.clear
    border, clear = (max(0, round((row - source.top) * scale)) for row in (top.border, clear))
    if clear - border < _LEAST_GROUND * placement.width:
        return placement
    return replace(placement, top=DrawnOn(border, clear, is_under_text=True))
