"""Small words by which a text is broken into lines and its parts are joined, in small letters."""

_LEADS_ON = """
a an the and or but of to in on at for from with by as my your our their his her its this that these those
no not who which whose is are was were am be been when where if so very really too
what how why until while than just still even has have had can could will would should do does did don’t
didn’t doesn’t can’t won’t isn’t wasn’t let lets into about like without
one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty hundred
thousand
el la los las un una unos unas de del al en con por para y o ni que mi tu su sus mis se te lo no es muy
cuando como si dos tres nos le les más tan sin este esta ese esa otro otra cada todo toda todos todas
yo él ella está ha son fue era
मेरा मेरी मेरे हमारा हमारी हमारे तेरा तेरी तेरे तुम्हारा तुम्हारी अपना अपनी अपने यह वह ये वो इस उस एक दो तीन और या कि जब जो
न नहीं मत बहुत हर कोई
ఒక ఒక్క నా నీ మా మీ మన ఈ ఆ ఏ మరియు కానీ చాలా ఇంకో ప్రతి
"""
_DOES = """
i we they he she you it there me everyone everybody somebody someone nobody
"""
_DESCRIBES = """
own other another first last next new old little big great small long short whole full good bad best worst
better same only more most less such every each any some many much few both free real right wrong wet dry
nice happy calm loud quiet early late second third polite favorite entire single exact main public private
"""
_DETERMINES = """
a an the my your our their his her its this that these those no every each some any
"""
_COUNTS = """
two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty hundred thousand
"""
_HANGS_ON = """
out up down off away back again us them him too yet ago either anymore now
का के की को में से पर ने तक है हैं था थी थे हूँ हो भी ही तो गया गई गए रहा रही रहे लिए साथ हुए हुआ हुई वाले वाला वाली
కూడా మీద కోసం నుంచి నుండి వరకు గురించి లాగా లా వద్ద దగ్గర ముందు తర్వాత ఉంది ఉన్నాయి ఉన్నాడు ఉన్నా లేదు లేవు కాదు అని అంటూ అంటే
"""
_ACTS = """
is are was were has have had should could would can can’t
es está son fue ha
"""
_SPEAKS = """
says said asks asked
"""
_JOINS = """
and but or nor in on at of to for from with without that who while after before
since until because than like as by
y pero o ni en con de del al para por sin que desde hasta porque cuando según
"""
_ACTS_IN_A_LINE = """
isn’t aren’t wasn’t won’t didn’t doesn’t don’t will
"""
_JOINS_IN_A_LINE = """
when where if how what why so then into about under over through between during against instead unless
which whose
si como donde mientras aunque antes después
जब जो कि और या लेकिन मगर क्योंकि
కానీ మరియు
"""

LEADS_ON = frozenset(_LEADS_ON.split())
"""Words after which a line does not end well."""
DOES = frozenset(_DOES.split())
"""Pronouns, which stand before their verb or, as an object, at the end of a clause; "me" in Spanish too."""
DESCRIBES = frozenset(_DESCRIBES.split())
"""English words that stand before the word that they describe."""
DETERMINES = frozenset(_DETERMINES.split())
"""English words that begin what may be several words, such as "the tour guide"."""
COUNTS = frozenset(_COUNTS.split())
"""English numbers before what may be several words, the last of them a plural: "nine hotel slippers"."""
HANGS_ON = frozenset(_HANGS_ON.split())
"""Words with which a line does not begin well, since they belong to the word before them."""
ACTS = frozenset([*_ACTS.split(), *_ACTS_IN_A_LINE.split()])
"""English and Spanish verbs with which a line begins well."""
JOINS = frozenset([*_JOINS.split(), *_JOINS_IN_A_LINE.split()])
"""Words that join clauses and nouns, with which a line begins well."""
SPEAKS = frozenset(_SPEAKS.split())
"""English verbs at whose end a line ends well, before what is said."""
GOES_ON = frozenset([*_ACTS.split(), *_SPEAKS.split(), *_JOINS.split()])
"""English and Spanish words with which a part goes on with the sentence of the one before it."""
