"""Words that cannot both be said of one thing at one time: opposites in pairs, and groups of which one holds.

The tables were written for this project. A pair marked `!` leaves no middle ground: what is not open is closed, but
what is not hot need not be cold. A group is a list of which one thing has one: a mammal is no fish, Tuesday is not
Friday. Synonyms of the words take part: `opposed("huge", "tiny")` holds because of "big" and "little".
"""

from enum import IntEnum
from functools import cache

from inference.judges.alignment.lemma import lemma
from inference.judges.alignment.synonyms import synonym_keys
from inference.judges.alignment.vocabulary import word_set
from inference.text.kept_words import kept

PAIRS = """
increase decrease
raise cut
double halve
praise criticise
praise criticize
upgrade downgrade
resume suspend
add remove
husband wife
rise fall
grow shrink
expand contract
raise lower
gain lose
improve worsen
strengthen weaken
accelerate decelerate
allow prohibit !
permit forbid !
legal illegal !
lawful unlawful !
optional mandatory !
voluntary compulsory !
optional require !
voluntary mandatory !
include exclude !
accept reject !
approve reject !
approve deny !
grant deny
accept decline
pass fail !
succeed fail !
success failure !
win lose !
victory defeat !
before after
above below
over under
inside outside !
indoors outdoors !
in out
up down
top bottom
front back
left right
north south
east west
northern southern
eastern western
upstream downstream
near far
close distant
high low
tall short
long short
wide narrow
deep shallow
thick thin
big small
large little
heavy light
hot cold
warm cool
boil freeze
melt freeze
wet dry
bright dark
light dark
day night
fast slow
quick slow
early late
old new
old young
ancient modern
first last
begin end
start finish
open close !
open shut !
alive dead !
live die
birth death
birth die
true false !
right wrong !
correct incorrect !
real fake !
genuine fake !
natural artificial
natural synthetic
hard soft
hard easy
difficult easy
simple complex
strong weak
rich poor
wealthy poor
expensive cheap
free paid
full empty
round flat
sphere flat
smooth rough
sharp blunt
straight curved
solid liquid
liquid gas
positive negative
plus minus
add subtract
multiply divide
odd even !
major minor
majority minority
maximum minimum
most least
more less
many few
always never
everyone nobody
everything nothing
everywhere nowhere
all none
same different !
similar different
equal unequal !
identical different
common rare
usual unusual
frequent rare
public private
domestic foreign
internal external
interior exterior
local remote
remote onsite !
urban rural
permanent temporary
temporary lasting
constant variable
fixed variable
active inactive !
active dormant
active extinct
extinct living
living dead
awake asleep !
asleep conscious
conscious unconscious !
healthy sick
healthy harmful
beneficial harmful
helpful harmful
safe dangerous
safe unsafe !
harmless harmful !
toxic edible
poisonous edible
clean dirty
pure impure !
guilty innocent !
guilty acquit
convict acquit !
love hate
like dislike
friend enemy
ally enemy
peace war
attack defend
advance retreat
build destroy
create destroy
construct demolish
buy sell
lend borrow
give take
give receive
send receive
import export
arrive depart
enter leave
enter exit
come go
push pull
attract repel
absorb emit
absorb reflect
hide reveal
hide show
find lose
remember forget
agree disagree !
support oppose
confirm deny
confirm refute
prove disprove
admit deny
praise criticize
optimistic pessimistic
happy sad
calm angry
polite rude
kind cruel
brave cowardly
generous selfish
honest dishonest !
loyal disloyal !
visible invisible !
possible impossible !
complete incomplete !
known unknown !
certain uncertain !
stable unstable !
limited unlimited !
restrict unlimited
conditional unconditional !
direct indirect !
dependent independent !
employ unemployed !
hire fire
employ dismiss
appoint dismiss
join leave
connect disconnect !
attach detach !
lock unlock !
marry divorce
married single !
married unmarried !
male female
man woman
boy girl
husband wife
father mother
son daughter
brother sister
uncle aunt
king queen
prince princess
actor actress
hero villain
parent child
adult child
teacher student
employer employee
landlord tenant
buyer seller
customer supplier
creditor debtor
borrower lender
winner loser
predator prey
carnivore herbivore
vertebrate invertebrate !
nocturnal diurnal
deciduous evergreen
asset liability
profit loss
debit credit
deposit withdrawal
surplus deficit
income expense
gross net
part-time full-time
exempt subject
refundable nonrefundable !
renewable nonrenewable !
transferable nontransferable !
taxable exempt
valid invalid !
valid void !
valid expired
enable disable !
turn-on turn-off
on off !
present absent !
presence absence !
occupied vacant !
victor loser
ascend descend
climb descend
float sink
inhale exhale
inflate deflate
fold unfold
lift drop
appear disappear
start stop
continue stop
resume pause
save spend
save waste
freeze thaw
freeze boil
evaporate condense
summer winter
spring autumn
morning evening
noon midnight
sunrise sunset
dawn dusk
arctic antarctic
heaven hell
superior inferior
senior junior
ascending descending
vertical horizontal
clockwise counterclockwise !
clockwise anticlockwise !
maternal paternal
singular plural
formal informal !
verbal written
analog digital
wired wireless !
manual automatic
theoretical practical
abstract concrete
objective subjective
relevant irrelevant !
reversible irreversible !
curable incurable !
contagious noncontagious !
sighted blind
deaf hearing
literate illiterate !
rational irrational !
religious secular
military civilian
guilty blameless
asleep awake
drunk sober
fresh stale
fresh salt
raw cooked
ripe unripe !
sweet sour
sweet bitter
loud quiet
noisy silent
tight loose
flexible rigid
transparent opaque !
renew terminate
renew cancel
extend shorten
prolong shorten
approve veto
ratify reject
legalize ban
legalize criminalize
monarchy republic
democracy dictatorship
upper lower
upward downward
inner outer
forward backward
ahead behind
"""

GROUPS = """
morning afternoon evening
annual yearly monthly weekly daily hourly quarterly
weekday weekend
mammal fish bird reptile amphibian insect arachnid crustacean mollusc
fruit vegetable
animal plant fungus mineral
star planet moon comet asteroid galaxy satellite
solid liquid gas plasma
virus bacterium fungus parasite
metal nonmetal
gold silver copper iron steel bronze brass lead tin zinc aluminium platinum titanium wood plastic glass concrete stone
monday tuesday wednesday thursday friday saturday sunday
january february march april june july august september october november december
spring summer autumn winter
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth last
red blue green yellow orange purple pink brown black white grey
christianity islam judaism hinduism buddhism sikhism taoism
christian muslim jew hindu buddhist sikh
continent country city ocean river lake mountain island desert
mercury venus earth mars jupiter saturn uranus neptune pluto
triangle square pentagon hexagon circle octagon
painter physicist chemist footballer politician singer
hydrogen helium carbon nitrogen oxygen sodium potassium calcium chlorine neon argon uranium
heart brain liver kidney stomach lung
daily weekly monthly quarterly yearly
single married divorced widowed
herbivore carnivore omnivore
emperor pope president chancellor
democracy monarchy dictatorship
comedy tragedy
novel poem play
violin piano guitar trumpet flute drum cello harp
football basketball baseball tennis cricket rugby hockey golf volleyball
cash cheque transfer
draft final
"""


class Opposition(IntEnum):
    """How two words exclude one another."""

    NONE = 0
    GROUP = 1
    CONTRARY = 2
    CONTRADICTORY = 3


_PREFIXES = ("un", "in", "im", "il", "ir", "non", "dis", "anti")
_PREFIX_FALSE_FRIENDS = word_set(
    "import inform impress display discover invest increase intent impart interest industry instill invent "
    "include intense income improve discount discuss insist inland involve invite inspire inside"
)
_BASE_CHARS_MIN = 4
"""A shorter base makes "unit" the opposite of "it"."""


@cache
def _pairs() -> dict[str, dict[str, Opposition]]:
    table: dict[str, dict[str, Opposition]] = {}
    for line in PAIRS.strip().splitlines():
        first, second, *mark = line.split()
        kind = Opposition.CONTRADICTORY if mark else Opposition.CONTRARY
        one, other = lemma(first), lemma(second)
        table.setdefault(one, {})[other] = kind
        table.setdefault(other, {})[one] = kind
    return table


@cache
def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, line in enumerate(GROUPS.strip().splitlines()):
        for word in line.split():
            found.setdefault(lemma(word), set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


@cache
def _by_synonym() -> dict[str, frozenset[str]]:
    """The paired words that stand in each synonym set."""
    found: dict[str, set[str]] = {}
    for word in _pairs():
        for key in synonym_keys(word):
            found.setdefault(key, set()).add(word)
    return {key: frozenset(members) for key, members in found.items()}


def _near(word: str) -> set[str]:
    return {word}.union(*(_by_synonym().get(key, frozenset()) for key in synonym_keys(word)))


def _prefixed(one: str, other: str) -> bool:
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    if len(shorter) < _BASE_CHARS_MIN or longer in _PREFIX_FALSE_FRIENDS:
        return False
    return any(longer == prefix + shorter for prefix in _PREFIXES)


@kept
def opposed(one: str, other: str) -> Opposition:
    """How two plain forms exclude one another. Symmetric; a word never opposes itself or its synonym."""
    if one == other or synonym_keys(one) & synonym_keys(other):
        return Opposition.NONE
    if _prefixed(one, other):
        return Opposition.CONTRADICTORY
    near_other = _near(other)
    found = max(
        (kind for word in _near(one) for partner, kind in _pairs().get(word, {}).items() if partner in near_other),
        default=Opposition.NONE,
    )
    if found is Opposition.NONE and _groups().get(one, frozenset()) & _groups().get(other, frozenset()):
        return Opposition.GROUP
    return found
