"""How many captions a photo draws from, by language, mood and confidence, and which it never gets first."""

from collections.abc import Iterator

from memegen.caption.choose import COUPLE, REACTION, Pack, languages, load_pack, tiers
from memegen.caption.mood import CROWD, FEW, GROUP_KINDS, GROUP_UNSURE, NO_FACE, PAIR_KINDS, Mood, certain
from memegen.options import EXPRESSIONS

_CONFIDENCES = (0.35, 0.5, 0.65, 0.8, 0.95)

# With which expression each is confused most often. It gets most of the probability that is left.
_CONFUSED_WITH = {
    "anger": "disgust",
    "disgust": "anger",
    "fear": "surprise",
    "happiness": "fear",
    "neutral": "sadness",
    "sadness": "neutral",
    "surprise": "fear",
}
_OF_THE_REST = 0.7


def report() -> Iterator[str]:
    """Lines: how many captions each mood draws from in each language, and the ids that none gets first."""
    yield (
        "Captions to draw from: as good as the best, and after the slash all that fit. By the confidence "
        f"{', '.join(map(str, _CONFIDENCES))}, or by the size of a group, {FEW} and {CROWD}."
    )
    for language in languages():
        pack = load_pack(language)
        reactions = sum(caption.form in (REACTION, COUPLE) for caption in pack.captions)
        yield f"{language}: {len(pack.captions)} captions, {reactions} of them completed by the face"
        for name in EXPRESSIONS:
            moods = [reading(name, _CONFUSED_WITH[name], confidence) for confidence in _CONFIDENCES]
            yield _line(name, pack, moods)
        for name in (NO_FACE, *PAIR_KINDS):
            yield _line(name, pack, [certain(name)])
        for name in (*GROUP_KINDS, GROUP_UNSURE):
            yield _line(name, pack, [certain(name, size) for size in (FEW, CROWD)])
        unreached = never_first(pack)
        yield f"  never as good as the best: {', '.join(unreached) or 'none'}"


def never_first(pack: Pack) -> list[str]:
    """The ids of the captions that are not in the first tier of any mood that is tried.

    Tried are, for one face, all pairs of expressions as first and second at each confidence; two faces
    of every kind; groups of every kind and size; and no face.
    """
    moods = [
        reading(first, second, confidence)
        for first in EXPRESSIONS
        for second in EXPRESSIONS
        if first != second
        for confidence in _CONFIDENCES
    ]
    moods += [certain(name) for name in (NO_FACE, *PAIR_KINDS)]
    moods += [certain(name, size) for name in (*GROUP_KINDS, GROUP_UNSURE) for size in (FEW, CROWD)]
    reached = {caption.id for mood in moods for caption in tiers(pack.captions, mood)[0]}
    return [caption.id for caption in pack.captions if caption.id not in reached]


def reading(first: str, second: str, confidence: float) -> Mood:
    """A face that shows the first expression with this confidence, and the second most of the rest."""
    rest = 1 - confidence
    others = dict.fromkeys(EXPRESSIONS, rest * (1 - _OF_THE_REST) / (len(EXPRESSIONS) - 2))
    return Mood({**others, first: confidence, second: min(rest * _OF_THE_REST, confidence)}, confidence)


def _line(name: str, pack: Pack, moods: list[Mood]) -> str:
    pools = [tiers(pack.captions, mood) for mood in moods]
    counts = [f"{len(pool[0])}/{sum(map(len, pool))}" for pool in pools]
    return f"  {name:16}" + "".join(f"{count:>9}" for count in counts)
