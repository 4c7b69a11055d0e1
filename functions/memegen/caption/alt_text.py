"""The alternative text: what a meme shows and says, in sentences for a screen reader.

The phrases stand in a caption pack under "alt_text":
    none, one, same, several: sentences for a photo without a face, with one face, with several faces that
        have one expression, and with several that have more. {expression}, {count}, {list} stand for values.
    each: an item of {list}, with {count} and {expression}.
    ten: replaces the count when it is the largest number of faces that are read, because there may be more.
    unsure: says that the expressions are a guess.
    captioned: says for which {expression} the caption is, where it is not for the one that was read.
    caption: says the caption, which {text} stands for.
    list_join, part_join, sentence_join: stand between the list's items, the caption's parts, the sentences.
    expressions: the name of each expression in these phrases.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from memegen.caption.choose import Caption, pack_for
from memegen.face.detect import MAX_FACES

# The values that must stand in each phrase.
PHRASES = {
    "none": (),
    "one": ("expression",),
    "same": ("count", "expression"),
    "several": ("count", "list"),
    "each": ("count", "expression"),
    "ten": (),
    "unsure": (),
    "captioned": ("expression",),
    "caption": ("text",),
    "list_join": (),
    "part_join": (),
    "sentence_join": (),
    "expressions": (),
}


def alt_text(expressions: Sequence[str], is_sure: bool, caption: Caption, forced: str | None = None) -> str:
    """Two to four sentences: what the faces express, that this is a guess (unless is_sure), and the caption.

    expressions: what was read in the faces, the largest face's first. forced: the expression that the caption
    was chosen for in place of a face's, where a person asked for another. The sentences are in the language
    of the pack that is nearest to the caption's language, as pack_for finds it.
    """
    phrases = pack_for(caption.language).alt_text
    sentences = [_faces(expressions, phrases)]
    if expressions and not is_sure:
        sentences.append(phrases["unsure"])
    if expressions and forced:
        sentences.append(phrases["captioned"].format(expression=phrases["expressions"][forced]))
    text = phrases["part_join"].join(caption.text.split("\n"))
    sentences.append(phrases["caption"].format(text=text))
    return str(phrases["sentence_join"].join(sentences))


def _faces(expressions: Sequence[str], phrases: dict[str, Any]) -> str:
    if not expressions:
        return str(phrases["none"])
    counts = Counter(expressions).most_common()
    names = phrases["expressions"]
    if len(expressions) == 1:
        return phrases["one"].format(expression=names[expressions[0]])
    total = phrases["ten"] if len(expressions) == MAX_FACES else len(expressions)
    if len(counts) == 1:
        return phrases["same"].format(count=total, expression=names[expressions[0]])
    items = [phrases["each"].format(count=count, expression=names[name]) for name, count in counts]
    return phrases["several"].format(count=total, list=phrases["list_join"].join(items))
