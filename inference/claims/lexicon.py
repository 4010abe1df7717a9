"""The small words of English, by what they do in a sentence. Lower case, values only.

The lists are closed classes (articles, prepositions, pronouns) or the common members of open ones. A word that is
missing makes a rule pass, never fail: the caller then keeps the sentence as it was written.
"""


def word_set(text: str) -> frozenset[str]:
    """The words of a list that is written as a line of text."""
    return frozenset(text.split())


ARTICLES = word_set("a an the")
DETERMINERS = ARTICLES | word_set(
    "this that these those my your his her its our their all some any every each no both many most several few "
    "another other such what which whose either neither half"
)
# The subjects that are one word long. "this" and "that" are so only where no noun follows.
PRONOUNS = word_set(
    "i you he she it we they there who everyone everybody someone somebody anyone anybody nobody nothing "
    "everything something anything one"
)
PREPOSITIONS = word_set(
    "in on at to for from by with without of about over under between among through during before after since "
    "until into onto near inside outside within across along around behind below above beneath beside besides "
    "beyond against toward towards upon via per like unlike as than off up down out throughout despite except"
)
# An answer that begins with one of these needs no "in" before it.
PLACE_STARTS = PREPOSITIONS | word_set("here there nowhere everywhere somewhere north south east west next close")
TIME_STARTS = PREPOSITIONS | word_set(
    "yesterday today tomorrow now last next this every never always circa ca when while once ago recently early late"
)
CONJUNCTIONS = word_set("and or but nor yet so")
SUBORDINATORS = word_set(
    "if when while although though because since unless until after before as whereas whether once where that "
    "which who whom whose what how why"
)
RELATIVES = word_set("which who whom whose where that when")
ADVERBS = word_set(
    "not also still already always never often usually sometimes rarely really actually ever just only even now "
    "then currently once again mostly mainly generally typically probably certainly definitely completely fully "
    "entirely partly officially originally widely commonly very quite too so more most less least almost nearly "
    "about roughly approximately exactly"
)
# Words that describe, and so can be all that is said of a subject: "Is the earth flat?"
ADJECTIVES = word_set(
    "flat round big small large little tall short long high low deep wide narrow thick thin heavy light fast slow "
    "hot cold warm cool wet dry old new young good bad safe dangerous true false real fake right wrong correct "
    "incorrect white black red green blue yellow orange brown pink purple gray grey hard soft strong weak rich "
    "poor free full empty open closed alive dead edible toxic poisonous healthy unhealthy legal illegal valid "
    "invalid possible impossible visible invisible able unable available equal different same similar solid "
    "liquid round-shaped spherical hollow bigger smaller larger taller shorter longer higher lower deeper wider "
    "older newer younger better worse hotter colder faster slower heavier lighter closer nearer farther further "
    "richer stronger biggest smallest largest tallest shortest longest highest lowest deepest oldest newest "
    "youngest best worst hottest coldest fastest closest nearest farthest first last prime even odd infinite "
    "finite married single divisible mandatory optional required unlimited limited due overdue extinct blind deaf "
    "deadly fatal contagious flammable magnetic radioactive nocturnal carnivorous herbivorous "
    "aquatic related responsible eligible entitled subject smart clever stupid famous popular common rare "
    "expensive cheap clean dirty bright dark quiet loud sharp sweet sour bitter salty fresh raw ripe flat-shaped "
    "perfect bilingual allergic immune dense transparent opaque sticky"
)
NOT_ADJECTIVES = word_set("variable table cable vegetable bible constable harvest forest interest test guest")
NOT_ADVERBS = word_set(
    "family july italy fly supply apply reply rely ally bully belly jelly lily assembly anomaly butterfly monopoly "
    "early multiply comply imply daily likely friendly lovely elderly holy"
)
ADJECTIVE_ENDINGS = ("able", "ible", "ous", "ful", "less", "ish")
SUPERLATIVE_ENDING = "est"
MEASURE_ADJECTIVES = word_set("tall long wide deep high old thick big large heavy hot cold fast")
# What something has one value of: "What color is the sky?" is answered by "The sky is blue."
ATTRIBUTES = word_set(
    "color colour size shape type kind age temperature nationality language time day date price religion gender "
    "height weight length width name number"
)
TIME_NOUNS = word_set("year month day date century decade season time week hour era")
PLACE_NOUNS = word_set("country city state town place continent region county location island province village street")
# The left side of "Height: 330 m": a property of what the list is about.
PROPERTIES = (
    ATTRIBUTES
    | TIME_NOUNS
    | PLACE_NOUNS
    | word_set(
        "capital population area currency founder founded author director born died built architect style owner ceo "
        "president amount total cost salary term terms duration status speed distance depth diameter mass radius "
        "elevation volume boiling melting point genre publisher released release inventor symbol formula origin "
        "occupation industry headquarters employees revenue address phone email"
    )
)
NUMBER_WORDS = word_set(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen twenty thirty "
    "forty fifty sixty seventy eighty ninety hundred thousand million billion dozen"
)
MONTHS = word_set(
    "january february march april may june july august september october november december jan feb mar apr jun "
    "jul aug sep sept oct nov dec"
)
WEEKDAYS = word_set("monday tuesday wednesday thursday friday saturday sunday")
# How people call a text that they were given.
DOCUMENT_WORDS = (
    "document|text|contract|article|passage|context|report|file|paper|source|page|policy|agreement|invoice|record|"
    "email|letter|information|excerpt|section|provided (?:text|document|context|information)|data|table|transcript"
)
