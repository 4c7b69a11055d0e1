"""What a meme shows and says, as sentences for a screen reader, in the words of a caption pack.

The phrases are the pack's "alt_text":
    none, one, same, several: the photo has no face, one, several with one expression, several with more; with
        {expression}, {count} and {list} in them.
    each: an item of the list, with {count} and {expression}. ten: stands for the count of the most faces that
        are read, since there may be more.
    unsure: the expression is a guess. caption: says the caption, {text}.
    list_join, part_join, sentence_join: stand between the list's items, the caption's parts, the sentences.
    expressions: what an expression is called in these phrases.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from memegen.caption.choose import Caption, pack_for
from memegen.face.detect import MAX_FACES

# Each phrase and the blanks that it must hold.
PHRASES = {
    "none": (),
    "one": ("expression",),
    "same": ("count", "expression"),
    "several": ("count", "list"),
    "each": ("count", "expression"),
    "ten": (),
    "unsure": (),
    "caption": ("text",),
    "list_join": (),
    "part_join": (),
    "sentence_join": (),
    "expressions": (),
}


def alt_text(expressions: Sequence[str], is_sure: bool, caption: Caption) -> str:
    """Two or three sentences: the faces, whose expressions are given, the largest first; that these are a
    guess, unless they are sure; the caption. They are in the caption's language where it has a pack, else in
    the nearest, else in English.
    """
    phrases = pack_for(caption.language).alt_text
    sentences = [_faces(expressions, phrases)]
    if expressions and not is_sure:
        sentences.append(phrases["unsure"])
    text = phrases["part_join"].join(part for part in (caption.top, caption.bottom) if part)
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
