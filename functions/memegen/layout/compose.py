"""A photo's faces and the options → its style, its words and their layout.

The styles say what they need. Where the one that is asked for can't be made, the next one that suits is, and
the composition says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from memegen.caption import forms
from memegen.caption.choose import CANDIDATES, FORMS, PUNCH, Caption, choose_captions
from memegen.caption.mood import LEAST_IN_GROUP, Mood, certain, mood_of
from memegen.contract import ANIMATION_LONG_SIDES, MEME_LONG_SIDE
from memegen.errors import ErrorCode, PhotoError
from memegen.face.read import ReadFace
from memegen.geometry import Box, Point
from memegen.layout.auto import Facts, has_room, is_wide, styles_for
from memegen.layout.canvas import on_canvas
from memegen.layout.layout import animate, lay_out
from memegen.layout.motion import Frame
from memegen.layout.placement import Placement
from memegen.layout.scene import NotPossibleError, Scene
from memegen.layout.top import Top
from memegen.options import AUTO, MOVING_STYLES, Options

_LAST_RESORT, _LAST_TO_MOVE = "classic", "subtitle"
_FORMS = {"bubble": (PUNCH,), "zoom": (PUNCH,)}  # nobody says “When …”; and a zoom needs several beats
_TEXT_SCALES = {"small": 0.75, "medium": 1.0, "large": 1.3}


@dataclass(frozen=True)
class Picture:
    """What is asked of a photo beside its faces.

    width, height: in pixels. digest: a number of the photo's own. is_page: as in auto.Facts. plain_rows,
    focus, photo_top: as in Scene.
    """

    width: int
    height: int
    digest: int
    is_page: bool
    plain_rows: int = 0
    focus: Point | None = None
    photo_top: Top | None = None


@dataclass(frozen=True)
class Composition:
    """captions: what is written, and then what else fits. placement: where. style: in which style. why: why
    it is another style than the one that was asked for, or "" where it is that one. mood: for which the
    captions were chosen. frames: the animation's, if one was asked for.
    """

    captions: tuple[Caption, ...]
    placement: Placement
    style: str
    why: str
    mood: Mood
    frames: tuple[Frame, ...] = ()

    @property
    def caption(self) -> Caption:
        return self.captions[0]


def compose(
    options: Options,
    seed: int,
    picture: Picture,
    faces: Sequence[ReadFace],
    boxes: Sequence[Box[float]],
) -> Composition:
    """The meme of a picture.

    faces: those that were read, the largest first. boxes: of all faces found, the same ones first.
    Raises PhotoError with code bad-option for a face that is not there.
    """
    main = _main(options, len(faces))
    if options.expression:
        mood = certain(options.expression)
    else:
        mood = mood_of(faces[main : main + 1] if options.face is not None else faces)
    in_group = _group(faces)
    scene = Scene(
        "",
        "",
        picture.width,
        picture.height,
        tuple(boxes),
        MEME_LONG_SIDE,
        eyes=tuple(_eyes(read) for read in faces),
        speakers=in_group if options.face is None else 1,
        main=main,
        plain_rows=picture.plain_rows,
        text_scale=_TEXT_SCALES[options.text_size],
        focus=picture.focus,
        photo_top=picture.photo_top,
    )
    asked = [options.style]
    if options.style == AUTO:
        asked = styles_for(facts_of(options, picture, faces, boxes), seed, picture.digest)
    if options.animate:
        asked = [*(style for style in asked if style in MOVING_STYLES), _LAST_TO_MOVE]
    why = ""
    for style in [*asked, _LAST_RESORT]:
        try:
            captions, labels = _words(style, options, seed, mood, faces, main, in_group)
            scene = replace(scene, labels=labels)
            placement = lay_out(captions[0], scene, style)
            if options.style == AUTO and style == "bubble" and _is_on_blur(placement):
                raise NotPossibleError("no-room")
            placement = on_canvas(placement, options.canvas, MEME_LONG_SIDE)
            frames = _frames(captions[0], scene, style, options)
            return Composition(tuple(captions), placement, style, why, mood, frames)
        except NotPossibleError as error:
            why = why or ("" if options.style == AUTO else error.why)
    raise AssertionError("the last resort is always possible")


def _is_on_blur(placement: Placement) -> bool:
    """Whether the meme has a strip above the photo that can't look like more of the photo."""
    return placement.is_ground_blurred and placement.picture.top > 0


def _frames(caption: Caption, scene: Scene, style: str, options: Options) -> tuple[Frame, ...]:
    if options.animate is None or style not in MOVING_STYLES:
        return ()
    long_side = ANIMATION_LONG_SIDES[options.animate]
    frames = animate(caption, replace(scene, long_side=long_side), style)
    return tuple(
        replace(frame, placement=on_canvas(frame.placement, options.canvas, long_side)) for frame in frames
    )


def _main(options: Options, faces: int) -> int:
    if options.face is not None and options.face >= faces:
        found = {0: "no face was", 1: "one face was"}.get(faces, f"{faces} faces were")
        raise PhotoError(
            ErrorCode.BAD_OPTION,
            f"The option face is {options.face}, but {found} found. The largest face is 0, the next one 1.",
        )
    return options.face or 0


def _group(faces: Sequence[ReadFace]) -> int:
    """How many of the faces, from the first, belong to the group."""
    return sum(1 for read in faces if read.face.box.height >= LEAST_IN_GROUP * faces[0].face.box.height)


def facts_of(
    options: Options, picture: Picture, faces: Sequence[ReadFace], boxes: Sequence[Box[float]]
) -> Facts:
    """What the rules of auto.py ask of a picture. faces, boxes: as in compose."""
    in_group = _group(faces)
    shown = [read.reading.expression for read in faces[:in_group] if not read.is_occluded]
    box = faces[_main(options, len(faces))].face.box if faces else Box(0.0, 0.0, 0.0, 0.0)
    return Facts(
        group=in_group if options.face is None else 1,
        readable=len(shown),
        agrees=len(set(shown)) <= 1 or options.face is not None or options.expression is not None,
        face_share=box.height / picture.height,
        face_pixels=box.width,
        has_room=has_room(picture.width, picture.height, boxes),
        is_page=picture.is_page,
        is_wide=is_wide(picture.width, picture.height, box.height),
        own_text=options.caption is not None,
        is_top_plain=picture.photo_top is not None,
    )


def _words(
    style: str,
    options: Options,
    seed: int,
    mood: Mood,
    faces: Sequence[ReadFace],
    main: int,
    in_group: int,
) -> tuple[list[Caption], tuple[str, ...]]:
    """The captions for a style, the one to write first, and the labels of the faces where it has them.

    Raises NotPossibleError: no-words where the language has no scene for labels, few-faces, own-text.
    """
    own = options.caption is not None
    if own or options.caption_id is not None:
        wanted = _wanted(options, mood, seed)
        if own or style != "labels":
            unasked = replace(options, caption=None, caption_id=None)
            others = [
                each for each in _offered(style, unasked, seed, mood, faces, main) if each.id != wanted.id
            ]
            labels = _own_labels(wanted, faces[:in_group]) if style == "labels" else ()
            return [wanted, *others][:CANDIDATES], labels
        if wanted.form != forms.SCENE:
            raise NotPossibleError("own-text")
    if style == "labels":
        read = [_probabilities(face, options, index == main) for index, face in enumerate(faces)]
        shown = [
            probabilities if index < in_group and not faces[index].is_occluded else None
            for index, probabilities in enumerate(read)
        ]
        if sum(1 for each in shown if each) < 2:
            raise NotPossibleError("few-faces")
        labelled = forms.labels(shown, options, seed)
        if labelled is None:
            raise NotPossibleError("no-words")
        caption, labels = labelled
        return [caption], labels
    if style == "zoom" and not faces:
        raise NotPossibleError("no-face")
    return _offered(style, options, seed, mood, faces, main), ()


def _wanted(options: Options, mood: Mood, seed: int) -> Caption:
    """A person's own text, or the caption of any form that they keep."""
    kept = forms.kept(options.caption_id) if options.caption is None and options.caption_id else None
    return kept or choose_captions(mood, options, seed)[0]


def _offered(
    style: str, options: Options, seed: int, mood: Mood, faces: Sequence[ReadFace], main: int
) -> list[Caption]:
    """The captions of the forms that a style takes or, where all that fit were seen, of others."""
    if style in MOVING_STYLES and faces:
        read = _probabilities(faces[main], options, is_main=True)
        found = forms.zooms(read, options, seed) if style == "zoom" else forms.subtitles(read, options, seed)
        if found:
            return found
    return choose_captions(mood, options, seed, _FORMS.get(style, FORMS))


def _own_labels(caption: Caption, faces: Sequence[ReadFace]) -> tuple[str, ...]:
    """A person's own labels, from the second line on of the text, for the faces from left to right."""
    texts = [text for text in caption.bottom.split("\n") if text] if caption.top else []
    if len(texts) < 2:
        raise NotPossibleError("own-text")
    order = sorted(range(len(faces)), key=lambda index: faces[index].face.box.left)
    labels = [""] * len(faces)
    for index, text in zip(order, texts, strict=False):
        labels[index] = text
    return tuple(labels)


def _probabilities(read: ReadFace, options: Options, is_main: bool) -> forms.Probabilities:
    if options.expression and is_main:
        return {options.expression: 1.0}
    return read.reading.probabilities


def _eyes(read: ReadFace) -> tuple[Point, Point]:
    """The middles of the eyes: where the detector saw them, or where a face of this box has them."""
    (right, left), box = read.face.landmarks[:2], read.face.box
    if abs(left[0] - right[0]) + abs(left[1] - right[1]) > 0.15 * box.width:
        return (float(right[0]), float(right[1])), (float(left[0]), float(left[1]))
    level = box.top + 0.4 * box.height
    return (box.left + 0.3 * box.width, level), (box.left + 0.7 * box.width, level)
