"""Small words by which a text is broken into lines and its parts are joined, in small letters."""

_LEADS_ON = """
a an the i and or but of to in on at for from with by as my your our their his her its this that no not
we they who is are was when where if so be very what how one two three
four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty hundred thousand
have has had been can can’t could will would should do does did don’t didn’t just than still
el la los las un una unos unas de del al en con por para y o ni que mi tu su sus mis se te lo no es muy
cuando como si dos tres
"""
_HANGS_ON = """
का के की को में से पर ने तक है हैं था थी थे हूँ हो भी ही तो गया गई गए रहा रही रहे लिए साथ
"""
_GOES_ON = """
and but or nor is are was were has have had in on at of to for from with without that who while after before
since until because than like as by back should could would can can’t says said asks asked
y pero o ni es está son fue ha en con de del al para por sin que desde hasta porque cuando según
"""

LEADS_ON = frozenset(_LEADS_ON.split())
"""English and Spanish words after which a line does not end well."""
HANGS_ON = frozenset(_HANGS_ON.split())
"""Hindi words with which a line does not begin well, since they stand behind what they belong to."""
GOES_ON = frozenset(_GOES_ON.split())
"""English and Spanish words with which a line or a part goes on with the sentence of the one before it."""
