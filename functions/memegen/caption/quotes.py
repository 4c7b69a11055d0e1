"""Straight quotation marks and apostrophes → the curly ones that a language prints."""

import re

_ENGLISH = "“”‘’"
# Opening and closing, double and single, as the Unicode CLDR's delimiters have them.
_MARKS = {
    **dict.fromkeys(("bg", "cs", "de", "et", "is", "lt", "sk", "sl"), "„“‚‘"),
    **dict.fromkeys(("hr", "hu", "pl", "ro", "sr"), "„”‚’"),
    **dict.fromkeys(("fi", "sv"), "””’’"),
    **dict.fromkeys(("el", "fr", "nb", "nn", "no", "pt", "ru", "uk"), "«»‘’"),
}
_MARKS["pt-br"] = _ENGLISH

# What stands in programs, in markup and in shells, and hardly in sentences.
_CODE_LIKE = re.compile(r"""`|\w\(["']|=\s?["']|[\[{]["']|\(\)|==|->|</?\w|"\w+"\s*:|\\["']""")
_EMOTICON = re.compile(r"[:;]['\"]")

_BEFORE_OPENING = '"([—–-/¿¡“‘„‚«'


def curled(text: str, language: str) -> str:
    """The text with the quotation marks of its language, and with ’ for apostrophes.

    Text that is like code stays as it is: print("hi"), a="b". So do marks that stand for feet and
    inches (6'2", a 27" screen), a double mark without a partner and the emoticon :'(.
    language: a BCP 47 tag.
    """
    if _CODE_LIKE.search(text):
        return text
    tag = language.lower()
    double, double_end, single, single_end = tuple(_MARKS.get(tag) or _MARKS.get(tag.split("-")[0], _ENGLISH))
    signs = list(text)
    kept = {found.start() + 1 for found in _EMOTICON.finditer(text)}
    opened: dict[str, int] = {}  # the straight mark → where it was opened
    for place, sign in enumerate(text):
        if sign not in "\"'" or place in kept:
            continue
        before, after = text[max(0, place - 1) : place], text[place + 1 : place + 2]
        if (not before or before.isspace() or before in _BEFORE_OPENING) and after and not after.isspace():
            if sign == "'" and sign in opened:
                signs[opened[sign]] = "’"
            opened[sign] = place
        elif sign in opened and not (sign == "'" and after.isalnum()):
            start, end = (double, double_end) if sign == '"' else (single, single_end)
            signs[opened.pop(sign)], signs[place] = start, end
        elif sign == "'" and (not before.isdigit() or after.isalpha()):
            signs[place] = "’"
    if "'" in opened:  # 'cause, '90s: nothing closes it, so it is an apostrophe
        signs[opened["'"]] = "’"
    return "".join(signs)
