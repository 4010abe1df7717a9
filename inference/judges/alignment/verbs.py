"""Which words are verbs, as far as a judge without a grammar has to know: where a predicate begins."""

from functools import cache

from inference.judges.alignment.lemma import lemma
from inference.judges.alignment.vocabulary import word_list, word_set

AUXILIARIES = word_set(
    "be am is are was were been being have has had do does did can could may might must shall should will would "
    "cannot ca wo ai isn aren wasn weren doesn don didn hasn haven hadn won wouldn shouldn couldn mustn"
)
COPULAS = word_set("be am is are was were been being become becomes became remain remains remained")
HAVE_OR_DO = word_set("have has had having do does did")
MODALS = word_set("can could may might must shall should will would cannot ca")

_COMMON = """
absorb accept achieve acquire act add adopt advise affect agree aim allow announce appear apply appoint approach
approve argue arrive ask assassinate assist attack attend attract avoid award ban base beat become begin believe
belong bite blame boil borrow break breathe bring build burn buy calculate call cancel carry catch cause celebrate
change charge choose claim climb close collapse collect collide combine come commence commit compete complete compose
comprise conduct confirm conquer consist construct consume contain continue contribute control convert cook cost cover
crash create cross cure damage deal declare decline decompose decrease defeat defend define deliver demand deny depart
depend describe design destroy determine develop die differ direct discover divide divorce dominate drink drive drop
earn eat elect emit employ enable encourage end enforce engage enjoy enter erupt escape establish evaporate evolve
exceed excuse execute exist expand expect experience expire explain explode explore export express extend face fall
feature feed feel fight fill find finish fly follow forbid force forget form found freeze function gain generate get
give go govern grant grow guarantee handle hang happen harm hate have hear help hide hire hold host hunt hurt identify
import improve include increase indicate induce infect influence inhabit inherit inhibit inspire intend introduce
invade invent invest invite involve issue join jump keep kill know lack land last launch lay lead look seem lean learn
leave let lie like limit link list live locate lose love lower maintain make manage manufacture marry mean measure
meet melt migrate move murder name need observe obtain occupy occur offer open operate oppose orbit order organize
originate own paint participate pass pay perform permit pick place play point predict prefer prepare present prevent
print produce prohibit project promote propose protect prove provide publish pull push raise reach react read receive
recognize record recover reduce refer reflect refuse regain regard reign reject relate release rely remain remember
remove rent repel replace report represent reproduce require resemble reside resign result retain retire return reveal
revolve ride ring rise rotate rule run sail save say score see seek sell send separate serve set settle share shine
shoot show shrink sign sing sink sit sleep smell solve speak specialize spend spin split spread stand star start state
stay steal stop strike study succeed suffer suggest supply support surrender surround survive swim take talk taste
teach tell tend terminate test think throw touch transform transmit transport travel treat trigger turn understand
undergo use vary visit vote walk want warm wash wear weigh win work worship write yield allow mandate entitle oblige
ship deliver invoice bill overcome overtake overthrow outgrow undertake withdraw
"""

_NOUNS_TOO = frozenset(
    lemma(word)
    for word in word_list(
        "act aim attack award ban base bite blame boil break burn call cause change charge claim climb close control "
        "cook cost cover crash cross cure damage deal decline decrease defeat demand design die drink drive drop end "
        "escape experience export face fall feature feed fight fill finish fly force form function gain go grant hate "
        "help hide hold host hunt import increase influence invite issue judge jump kill lack land launch lead lie "
        "like limit link list live love measure name need offer open order orbit paint pass pay pick place play point "
        "present print produce project pull push raise reach read record refuse regard release rent report request "
        "result return ride ring rise rule run sail save score sell set share ship show shrink sign sink sleep smell "
        "spin split spread stand star start state stay stop strike study supply support taste test touch transport "
        "travel turn use visit vote walk want wash wear win work yield invoice bill surround reign experience conduct "
        "contract mandate project"
    )
)


@cache
def _verbs() -> frozenset[str]:
    return frozenset(lemma(word) for word in _COMMON.split())


_NOMINAL_BEFORE = word_set(
    "the a an this that these those my your his her its our their no any some every each of in on at for with "
    "from by per first second third last"
)


def is_verb(surface: str, before: str) -> bool:
    """Whether `surface` is likely a verb after the word `before` (lower-case, or "" at the start)."""
    word = surface.lower()
    if word in AUXILIARIES:
        return True
    if before in _NOMINAL_BEFORE:
        return False
    plain = lemma(word)
    known = plain in _verbs()
    if word == "born":
        return True
    if known and plain in _NOUNS_TOO and not word.endswith("ed"):
        return before not in {"", "and", "or"} and not word.endswith("ing")
    return known or (word.endswith("ed") and len(word) > 4 and before not in {"", "and"})
