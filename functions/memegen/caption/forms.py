"""The captions of styles that need words of a form of their own: subtitles, zooms and scenes with labels.

They stand in the same pack files as the others, each form in a section that a pack may lack:
    subtitles: [{"id", "form": "subtitle", "bottom", "suits": {class: weight}}], one line each.
    zooms: [{"id", "form": "zoom", "beats": [three texts], "suits": {class: weight}}].
    scenes: [{"id", "title", "labels": {class: [texts]}}], the title of a picture of several people and what
        each of them may be labelled, by expression.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from memegen.caption.choose import CANDIDATES, FOLDER, Caption, languages, nearest_language
from memegen.caption.suits import in_tiers, rank, seeded_order
from memegen.options import AUTO, Options
from memegen.text import fonts

MAX_BEATS = 3
SPOKEN, SCENE = "spoken", "scene"

Probabilities = Mapping[str, float]


@dataclass(frozen=True)
class Spoken:
    """A subtitle or a zoom's beats. texts: its lines or beats. suits: as in suits.py."""

    id: str
    texts: tuple[str, ...]
    suits: Mapping[str, float] = field(hash=False)


@dataclass(frozen=True)
class LabelScene:
    """title: what happens in the picture. labels: class → what a person with that expression is labelled."""

    id: str
    title: str
    labels: Mapping[str, tuple[str, ...]] = field(hash=False)


@dataclass(frozen=True)
class Forms:
    """The sections of one pack."""

    language: str
    subtitles: tuple[Spoken, ...]
    zooms: tuple[Spoken, ...]
    scenes: tuple[LabelScene, ...]


def subtitles(probabilities: Probabilities, options: Options, seed: int) -> list[Caption]:
    """The subtitle for a face, and then others that fit; none where all of the language's pack were seen."""
    forms = forms_for(options.language)
    return _chosen(forms.subtitles, forms.language, probabilities, options, seed)


def zooms(probabilities: Probabilities, options: Options, seed: int) -> list[Caption]:
    """The beats for a face, one a line of the caption's text, and then others that fit, as for subtitles."""
    forms = forms_for(options.language)
    return _chosen(forms.zooms, forms.language, probabilities, options, seed)


def labels(
    people: Sequence[Probabilities | None], options: Options, seed: int
) -> tuple[Caption, tuple[str, ...]] | None:
    """A scene's title and a label for each of the people, or None where the language's pack has no scene.

    people: what was read in each face, or None for a face that gets no label. A label is chosen by the
    likeliest expression for which one is left, since nobody gets another's label. The caption's text holds
    the title and then the labels. An empty label stands where none is left. options.caption_id chooses the
    scene, in the language that it is in. Where all scenes were seen, one comes again only if the style was
    asked for: MemeGen itself would then rather choose another style.
    """
    wanted = kept(options.caption_id) if options.caption_id else None
    forms = load_forms(wanted.language) if wanted else forms_for(options.language)
    drawable = [scene for scene in forms.scenes if not fonts.uncovered(scene.title)]
    unseen = [scene for scene in drawable if scene.id not in options.seen]
    if unseen or options.style == AUTO:
        drawable = unseen
    if wanted:
        drawable = [scene for scene in forms.scenes if scene.id == wanted.id]
    if not drawable:
        return None
    scenes = sorted(drawable, key=lambda scene: rank(seed, scene.id))
    scene = scenes[options.variant % len(scenes)]
    free = {
        name: sorted(texts, key=lambda text: rank(seed, f"{scene.id} {text}"))
        for name, texts in scene.labels.items()
    }
    given = []
    for read in people:
        likeliest = sorted(read, key=lambda name: -read[name]) if read else []
        name = next((name for name in likeliest if free.get(name)), None)
        given.append(free[name].pop(0) if name else "")
    text = "\n".join(label for label in given if label)
    return Caption(scene.id, scene.title, text, forms.language, SCENE), tuple(given)


def kept(caption_id: str) -> Caption | None:
    """The subtitle, the zoom or the title of the scene that has this id, in the pack of any language."""
    for language in languages():
        forms = load_forms(language)
        for entry in (*forms.subtitles, *forms.zooms):
            if entry.id == caption_id:
                return _as_caption(entry, language)
        for scene in forms.scenes:
            if scene.id == caption_id:
                return Caption(scene.id, "", scene.title, language, SCENE)
    return None


def forms_for(language: str) -> Forms:
    """The sections of the pack for a language tag, or for the nearest one that has a pack."""
    return load_forms(nearest_language(language))


@cache
def load_forms(language: str) -> Forms:
    """The sections of the pack of a language that has one."""
    pack = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return Forms(
        language,
        tuple(_spoken(entry) for entry in pack.get("subtitles", ())),
        tuple(_spoken(entry) for entry in pack.get("zooms", ())),
        tuple(
            LabelScene(
                entry["id"],
                entry["title"],
                {name: tuple(texts) for name, texts in entry["labels"].items()},
            )
            for entry in pack.get("scenes", ())
        ),
    )


def _spoken(entry: dict[str, Any]) -> Spoken:
    return Spoken(entry["id"], tuple(entry.get("beats") or (entry["bottom"],)), entry["suits"])


def _chosen(
    entries: Sequence[Spoken], language: str, probabilities: Probabilities, options: Options, seed: int
) -> list[Caption]:
    drawable = [entry for entry in entries if not fonts.uncovered("".join(entry.texts))]
    ordered = [entry for tier in in_tiers(drawable, probabilities) for entry in seeded_order(tier, seed)]
    ordered = [entry for entry in ordered if entry.id not in options.seen]
    count = min(CANDIDATES, len(ordered))
    return [_as_caption(ordered[(options.variant + more) % len(ordered)], language) for more in range(count)]


def _as_caption(entry: Spoken, language: str) -> Caption:
    if len(entry.texts) == 1:
        return Caption(entry.id, "", entry.texts[0], language, SPOKEN)
    return Caption(entry.id, entry.texts[0], "\n".join(entry.texts[1:]), language, SPOKEN)
