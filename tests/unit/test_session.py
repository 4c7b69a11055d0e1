"""A session: many photos one after another, each with what was seen before."""

import numpy as np
import pytest

from memegen import Options
from memegen.face.detect import Face
from memegen.face.expressions import Reading
from memegen.face.read import ReadFace
from memegen.geometry import Box
from memegen.layout.compose import Picture, compose
from memegen.layout.top import Top
from memegen.options import EXPRESSIONS


def person(left: float, expression: str, top: float = 200.0, height: float = 200.0) -> ReadFace:
    face = Face(Box(left, top, 0.8 * height, height), np.zeros((5, 2), np.float32), 0.95)
    probabilities = {name: 0.94 if name == expression else 0.01 for name in EXPRESSIONS}
    return ReadFace(face, Reading(expression, 0.94, probabilities), False)


def session(photos: int, faces: list[ReadFace], **options: str) -> list[str]:
    """The ids of the captions that so many photos get."""
    seen: list[str] = []
    for photo in range(photos):
        asked = Options(seen=tuple(seen[-40:]), **options)  # type: ignore[arg-type]
        picture = Picture(900, 700, photo, is_page=False)
        made = compose(asked, photo, picture, faces, [read.face.box for read in faces])
        seen.append(made.caption.id)
    return seen


@pytest.mark.parametrize(
    ("language", "expression"),
    [("en", "neutral"), ("es", "sadness"), ("hi", "fear"), ("ja", "disgust"), ("te", "surprise")],
)
@pytest.mark.parametrize("style", ["auto", "classic", "bubble", "subtitle", "zoom"])
def test_twenty_photos_of_one_mood_get_twenty_captions_in_every_style(
    style: str, language: str, expression: str
) -> None:
    seen = session(20, [person(370, expression)], style=style, language=language)
    assert len(set(seen)) == 20


def test_where_all_scenes_were_seen_other_styles_are_chosen() -> None:
    couple = [person(150, "happiness"), person(550, "sadness")]
    scenes = [name for name in session(30, couple, language="te") if "-scene-" in name]
    assert len(scenes) == len(set(scenes)) == 6
    assert len(session(8, couple, language="te", style="labels")) == 8


def test_no_bubble_is_chosen_above_a_close_up_whose_top_can_not_be_drawn_on() -> None:
    """On 40 photos: a strip of a blurred ground is for those who ask for bubbles."""
    face = person(150, "happiness", top=60.0, height=520.0)
    chosen = {}
    for top in (None, Top(0, (40,))):
        made = [
            compose(Options(), 3, Picture(900, 700, photo, False, photo_top=top), [face], [face.face.box])
            for photo in range(40)
        ]
        chosen[top] = {each.style for each in made}
        assert not any(each.why for each in made)
    assert chosen[None] == chosen[Top(0, (40,))] - {"bubble"}
    assert "bubble" in chosen[Top(0, (40,))]
    asked = compose(Options(style="bubble"), 3, Picture(900, 700, 1, False), [face], [face.face.box])
    assert asked.style == "bubble"
