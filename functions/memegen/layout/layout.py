"""Where a caption goes on a picture and how large: pure functions from sizes to a Placement.

The style that is asked for, a module in `styles`, finds the place. The caption takes the largest size at
which every line, outline included, is inside a slot that no face reaches. Where the style finds no slot for
the caption at a readable size, the caption gets bars outside the picture.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from memegen.caption.choose import Caption
from memegen.contract import MEME_LONG_SIDE
from memegen.geometry import Box
from memegen.layout.bars import with_bars
from memegen.layout.placement import Placement
from memegen.layout.scene import Scene
from memegen.layout.style import Style
from memegen.options import DEFAULT_STYLE
from memegen.text.text_style import apply_case


class StyleModule(Protocol):
    """What a module in `styles` offers.

    STYLE: how it looks. place: where the scene's text goes, or None where there is no room for it.
    """

    STYLE: Style

    def place(self, scene: Scene, /) -> Placement | None: ...


def style_module(name: str) -> StyleModule:
    """The module of one of options.STYLES."""
    return cast(StyleModule, import_module(f"memegen.layout.styles.{name}"))


def place_caption(
    caption: Caption,
    width: int,
    height: int,
    faces: Sequence[Box[float]],
    style: str = DEFAULT_STYLE,
    long_side: int = MEME_LONG_SIDE,
) -> Placement:
    """Lay the caption out for a picture of width × height pixels with faces at the given boxes.

    style: one of options.STYLES. The meme is as large as the picture, or has bars added and then a long side
    of at most `long_side`, for which the picture shrinks, in proportion, where it must.
    """
    module = style_module(style)
    top, bottom = (
        apply_case(part, module.STYLE.text, caption.language) for part in (caption.top, caption.bottom)
    )
    scene = Scene(top, bottom, width, height, tuple(faces), long_side)
    return module.place(scene) or with_bars(scene, module.STYLE)
