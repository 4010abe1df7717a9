"""The plain form under which one English word is looked up: "cities" and "city", "wrote" and "write", "tallest".

Inflection only. A stemmer that also cuts derivations makes one word of "universe" and "university", which a judge
must not do; the few derivations that matter ("discovery" and "discovered") meet in `root`, which counts for less.
"""

from functools import cache
from typing import NamedTuple

from inference.judges.alignment.vocabulary import word_set
from inference.text.kept_words import kept

_WORD_CHARS_MAX = 40
"""Longer runs are codes, not words: they are compared as they stand."""

_IRREGULAR = """
be am is are was were been being
have has had having
do does did done doing
go goes went gone going
make made making
take took taken taking
get got gotten getting
give gave given giving
come came coming
become became becoming
begin began begun beginning
break broke broken breaking
bring brought bringing
build built building builds
burn burnt burned
buy bought buying
catch caught catching
choose chose chosen choosing
cut cuts cutting
deal dealt
die died dies dying
lie lies lay lain lying
draw drew drawn
drink drank drunk
drive drove driven driving
eat ate eaten
fall fell fallen
feed fed
feel felt
fight fought
find found finds finding
fly flies flew flown flying
forbid forbade forbidden
forget forgot forgotten
freeze froze frozen freezing
grow grew grown
hang hung
hear heard
hide hid hidden
hold held
keep kept
know knew known
lay laid
lead led leading
leave left leaving
lend lent
lose lost losing loses
mean meant
meet met meeting
overtake overtook overtaken
pay paid
prove proved proven proving
read reads reading
ride rode ridden
ring rang rung
rise rose risen rising
run ran running
say said
see saw seen seeing
seek sought
sell sold
send sent
set sets setting
shake shook shaken
shine shone
shoot shot shooting
show showed shown
shrink shrank shrunk
sing sang sung
sink sank sunk
sit sat sitting
sleep slept
speak spoke spoken
spend spent
spin spun spinning
split splits splitting
spread spreads
stand stood
steal stole stolen
stick stuck
strike struck stricken
swim swam swum swimming
teach taught
tear tore torn
tell told
think thought
throw threw thrown
understand understood
undergo underwent undergone
wake woke woken
wear wore worn
win won winning wins
withdraw withdrew withdrawn
write wrote written writing
man men
woman women
child children
person people persons
foot feet
tooth teeth
goose geese
mouse mice
ox oxen
wife wives
life lives
knife knives
leaf leaves
wolf wolves
half halves
shelf shelves
thief thieves
loaf loaves
calf calves
hero heroes
potato potatoes
tomato tomatoes
species species
series series
analysis analyses
basis bases
crisis crises
phenomenon phenomena
criterion criteria
bacterium bacteria
virus viruses
nucleus nuclei
fungus fungi
cactus cacti
datum data
medium media
index indices indexes
axis axes
bus buses
gas gases
lens lenses
news news
physics physics
mathematics mathematics maths math
dynasty dynasties
sheep sheep
fish fish fishes
good better best
bad worse worst
far farther farthest further furthest
little less least
much more most
colour color colours colors coloured colored
centre center centres centers
metre meter metres meters
grey gray
theatre theater theatres theaters
labour labor
honour honor
favour favor
aluminium aluminum
organise organize organised organized
recognise recognize recognised recognized
travel travelled traveled travelling traveling travels
cancel cancelled canceled cancelling canceling cancels
programme program programmes programs
defence defense
licence license licences licenses licensed
tyre tire
fibre fiber
litre liter litres liters
judgement judgment
amphitheatre amphitheater
"""

_INVARIANT = word_set(
    "this his its was has is as us gas bus plus thus across always perhaps various previous famous religious "
    "serious analysis basis crisis paris texas wales mars venus jesus chess class glass grass mass loss less "
    "process access business princess congress success address express address press dress cross boss pass bias "
    "atlas virus status campus census focus genus cactus octopus uranus columbus brussels athens naples illinois "
    "kansas arkansas laos honduras cyprus mauritius barbados maldives philippines netherlands red bed need seed "
    "feed speed breed hundred shed led fed bleed exceed indeed greed creed weed reed thing king ring spring "
    "string wing sing bring evening morning during nothing something anything everything ceiling sibling sterling "
    "beijing answer water paper river number letter summer winter center power tower flower member order other "
    "never ever over under after matter silver computer leader rather either neither together whether weather "
    "danger finger anger hunger butter butterfly copper spider tiger layer peter former per her user offer enter "
    "consider forest west east best rest test guest contest harvest invest interest request quest protest honest "
    "earnest west"
)
"""Words that look inflected and are not."""

_BASE_ADJECTIVES = word_set(
    "tall high low large big small great long short old young new hot cold warm cool fast slow deep wide narrow "
    "heavy light bright dark near close rich poor strong weak early late dry wet hard soft loud quiet thin thick "
    "clean cheap safe simple easy happy busy dense broad few fine flat full hardy healthy large late likely "
    "lovely mild noisy pretty pure rare rough round sharp steep sweet tiny tough ugly vast wealthy wise smart "
    "dirty dull fat fresh"
)


class Form(NamedTuple):
    """A word's plain form and, for an adjective, its degree: "" or "er" (taller) or "est" (tallest)."""

    lemma: str
    degree: str


@cache
def _irregular() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in _IRREGULAR.strip().splitlines():
        first, *others = line.split()
        table.setdefault(first, first)
        for other in others:
            table.setdefault(other, first)
    return table


_IRREGULAR_DEGREES = {
    "better": Form("good", "er"),
    "best": Form("good", "est"),
    "worse": Form("bad", "er"),
    "worst": Form("bad", "est"),
    "farther": Form("far", "er"),
    "further": Form("far", "er"),
    "farthest": Form("far", "est"),
    "furthest": Form("far", "est"),
    "elder": Form("old", "er"),
    "eldest": Form("old", "est"),
}


def _undouble(base: str) -> str:
    """ "runn" to "run", but "fall" stays."""
    if len(base) > 3 and base[-1] == base[-2] and base[-1] in "bdgmnprt":
        return base[:-1]
    return base


def _degree(word: str) -> Form | None:
    for ending, degree in (("iest", "est"), ("est", "est"), ("ier", "er"), ("er", "er")):
        if not word.endswith(ending):
            continue
        base = word[: -len(ending)]
        for guess in (base + "y",) if ending.startswith("i") else (base, base + "e", _undouble(base)):
            if guess in _BASE_ADJECTIVES:
                return Form(_bare(guess), degree)
    return None


def _bare(word: str) -> str:
    """The common ground of "locate", "located" and "locating": no final e, y as i."""
    if len(word) > 3 and word.endswith("e"):
        return word[:-1]
    if len(word) > 2 and word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "i"
    return word


def _uninflected(word: str) -> str:
    if word in _INVARIANT or len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "i"
    if word.endswith("ied") and len(word) > 4:
        return word[:-3] + "i"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return _unsuffixed(word)


def _unsuffixed(word: str) -> str:
    for ending in ("ing", "ed"):
        base = word[: -len(ending)]
        if word.endswith(ending) and len(base) >= 3 and any(c in "aeiouy" for c in base):
            return _undouble(base)
    return word


@kept
def form(surface: str) -> Form:
    """The plain form of one word. Deterministic; a word beyond `_WORD_CHARS_MAX` comes back lower-case as it is."""
    word = surface.lower().replace("’", "'").removesuffix("'s").rstrip("'")
    if len(word) > _WORD_CHARS_MAX:
        return Form(word, "")
    if word in _IRREGULAR_DEGREES:
        found = _IRREGULAR_DEGREES[word]
        return Form(_bare(found.lemma), found.degree)
    degree = None if word in _INVARIANT else _degree(word)
    if degree is not None:
        return degree
    known = _irregular().get(word)
    return Form(_bare(known if known is not None else _uninflected(word)), "")


def lemma(surface: str) -> str:
    """The plain form alone."""
    return form(surface).lemma


_DERIVATIONS = (
    "ations", "ation", "ators", "ator", "ions", "ion", "ers", "er", "ors", "or", "ments", "ment", "ings", "ing",
    "ed", "ances", "ance", "ences", "ence", "ists", "ist", "ism", "ness", "ly", "ies", "y", "es", "s", "e", "al",
)  # fmt: skip
_ROOT_CHARS_MIN = 5
"""Shorter roots meet by accident: "port" in "porter" and "portion"."""
_ROOT_FALSE_FRIENDS = word_set("univers gener commun organ intern inform perform conserv import capit")


@kept
def root(surface: str) -> str:
    """What "invention", "inventor" and "invented" share, or "" where a word has no safe root."""
    word = surface.lower().replace("’", "'").removesuffix("'s")
    if len(word) > _WORD_CHARS_MAX:
        return ""
    for _ in range(2):  # two layers: "discoverers" is "discover", "er", "s"
        for ending in _DERIVATIONS:
            if word not in _ROOT_FALSE_FRIENDS and word.endswith(ending) and len(word) - len(ending) >= _ROOT_CHARS_MIN:
                word = word[: -len(ending)]
                break
    return "" if len(word) < _ROOT_CHARS_MIN or word in _ROOT_FALSE_FRIENDS else word


def is_participle(surface: str) -> bool:
    """Whether a word can be a past participle: "created", "written"."""
    word = surface.lower()
    known = _irregular().get(word, word)
    return word.endswith("ed") or (known != word and not word.endswith(("ing", "s")))


def lemma_set(words: str) -> frozenset[str]:
    """The plain forms of a list of words."""
    return frozenset(map(lemma, words.split()))
