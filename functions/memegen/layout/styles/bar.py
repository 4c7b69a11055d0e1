"""The caption in a white bar above the picture, which is shown without empty headroom.

Where the picture's top is nearly white, the bar has its colour. Letters are so large that lines are wide.
"""

from memegen.layout.bars import with_bars
from memegen.layout.placement import Placement
from memegen.layout.scene import Scene
from memegen.layout.style import ON_PAPER

STYLE = ON_PAPER


def place(scene: Scene) -> Placement:
    """Both parts in one bar; there is always room for it."""
    return with_bars(scene, STYLE)
