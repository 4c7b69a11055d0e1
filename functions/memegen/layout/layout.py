"""Where a caption goes on a picture and how large: pure functions from sizes to a Placement.

The style that is asked for, a module in `styles`, finds the place. The caption takes the largest size at
which every line, outline included, is inside a slot that no face reaches. Where the style finds no slot for
the caption at a readable size, the caption gets bars outside the picture.
"""

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Protocol, cast

from memegen.caption.choose import OWN, Caption
from memegen.contract import MEME_LONG_SIDE
from memegen.geometry import Box
from memegen.layout.bars import with_bars
from memegen.layout.motion import Frame
from memegen.layout.placement import Placement
from memegen.layout.scene import NotPossibleError, Scene
from memegen.layout.style import Style
from memegen.text.sentences import in_sequence
from memegen.text.text_style import apply_case


class StyleModule(Protocol):
    """What a module in `styles` offers.

    STYLE: how it looks. place: where the scene's text goes, or None where there is no room for it and the
    text goes into bars. It raises NotPossibleError where the style can't be made of the scene at all.
    """

    STYLE: Style

    def place(self, scene: Scene, /) -> Placement | None: ...


class MovingStyleModule(Protocol):
    """What the module of one of options.MOVING_STYLES offers beside that.

    frames: the animation of the scene, whose long side is at most the scene's. It raises NotPossibleError as
    `place` does.
    """

    STYLE: Style

    def frames(self, scene: Scene, /) -> tuple[Frame, ...]: ...


def style_module(name: str) -> StyleModule:
    """The module of one of options.STYLES."""
    return cast(StyleModule, import_module(f"memegen.layout.styles.{name}"))


def lay_out(caption: Caption, scene: Scene, style: str) -> Placement:
    """Lay the caption out in one of options.STYLES.

    scene: what the picture is; its caption is ignored. The meme is as large as the picture, or has bars added
    and then a long side of at most the scene's, for which the picture shrinks, in proportion, where it must.
    Plain rows above all heads may be left out of it.
    Raises NotPossibleError where the style can't be made of the scene.
    """
    module = style_module(style)
    scene = _with_words(scene, caption, module.STYLE)
    return module.place(scene) or with_bars(scene, module.STYLE)


def animate(caption: Caption, scene: Scene, style: str) -> tuple[Frame, ...]:
    """The frames of the caption's meme in one of options.MOVING_STYLES, otherwise as lay_out does."""
    module = cast(MovingStyleModule, style_module(style))
    return module.frames(_with_words(scene, caption, module.STYLE))


def _with_words(scene: Scene, caption: Caption, style: Style) -> Scene:
    top, bottom = (apply_case(part, style.text, caption.language) for part in (caption.top, caption.bottom))
    if not (caption.id == OWN or scene.labels or style.text.capitals):  # own texts stay, and titles
        top, *rest = in_sequence([top, *bottom.split("\n")], caption.language)
        bottom = "\n".join(rest)
    return replace(scene, top=top, bottom=bottom)


def place_caption(
    caption: Caption,
    width: int,
    height: int,
    faces: Sequence[Box[float]],
    style: str = "classic",
    long_side: int = MEME_LONG_SIDE,
) -> Placement:
    """Lay the caption out for a picture of width × height pixels with faces at the given boxes.

    style: one of options.STYLES. Where it needs more than boxes, the caption is set in the classic style.
    """
    scene = Scene("", "", width, height, tuple(faces), long_side)
    try:
        return lay_out(caption, scene, style)
    except NotPossibleError:
        return lay_out(caption, scene, "classic")
