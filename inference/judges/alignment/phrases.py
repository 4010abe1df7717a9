"""Expressions of several words that mean one thing, and short forms with what they stand for.

`canonical` maps a run of lower-case words to one word, so that "work from home" meets "remote", "U.S." meets "United
States of America" and "without restriction" meets "unlimited". The table was written for this project.
"""

from collections.abc import Sequence
from functools import cache

TABLE = """
united states of america|united states|u.s.a.|u.s.|usa|us of a = usa
united kingdom|u.k.|uk|united kingdom of great britain and northern ireland = uk
european union|eu|e.u. = eu
united nations|u.n.|un = un
world health organization|world health organisation = who-org
soviet union|ussr|u.s.s.r. = ussr
united arab emirates|uae = uae
national aeronautics and space administration|nasa = nasa
european space agency|esa = esa
international space station|iss = iss
north atlantic treaty organization|north atlantic treaty organisation|nato = nato
world trade organization|wto = wto
international monetary fund|imf = imf
federal bureau of investigation|fbi = fbi
central intelligence agency|cia = cia
massachusetts institute of technology|mit = mit
british broadcasting corporation|bbc = bbc
international business machines|ibm = ibm
general data protection regulation|gdpr = gdpr
artificial intelligence|ai = ai
deoxyribonucleic acid|dna = dna
human immunodeficiency virus|hiv = hiv
covid-19|covid 19|covid = covid
new york city|nyc = nyc
los angeles|l.a. = losangeles
washington d.c.|washington dc|washington, d.c. = washington
mount|mt|mt. = mount
saint|st. = saint
doctor|dr|dr. = doctor
mister|mr|mr. = mister
first world war|world war i|world war one|world war 1|wwi|ww1|great war = wwi
second world war|world war ii|world war two|world war 2|wwii|ww2 = wwii
human immune deficiency virus = hiv
on site|on-site|onsite|in the office|in-office|in person|at the office|on the premises = onsite
from home|off site|off-site = remote
without any restrictions|without any restriction|without restrictions|without restriction|no restrictions = unlimited
without limits|without limit|without any limit|without limitation|without limitations|no limit|no limits = unlimited
as much as they want|as much as they like|from any location|from anywhere|at any time = unlimited
unrestricted|limitless|uncapped|100% = unlimited
full time|full-time = full-time
part time|part-time = part-time
naked eye|unaided eye|bare eye|unaided human eye|naked human eye = naked-eye
no one|nobody|not anyone|not anybody = nobody
set up = found
blown up|blow up|blew up = explode
take place|takes place|took place|taken place|taking place = occur
carry out|carried out = perform
came to an end|come to an end|comes to an end = end
broke out|break out|breaks out = begin
came out|come out|comes out|went on sale|go on sale|goes on sale = release
passed away|pass away = die
gave birth to = bear
made up of|composed of|consists of|consist of|consisted of|made out of|made from|made of = made
find out|found out = discover
look for|looks for|looking for = seek
such as|for example|for instance|e.g.|including = suchas
as well as|along with|together with = and
each year|every year|per year|a year|per annum = yearly
each month|every month|per month|a month = monthly
each week|every week|per week|a week = weekly
each day|every day|per day|a day = daily
sea level|mean sea level = sealevel
according to = accordingto
prime minister|pm = primeminister
chief executive officer|chief executive|ceo = ceo
chief financial officer|cfo = cfo
purchase order|po = purchaseorder
shoot down|shot down = shootdown
common cold = cold
effective against|effective on|active against = work
human body = body
human brain = brain
human eye = eye
human heart = heart
human skin = skin
human blood = blood
ice age = iceage
solar system = solarsystem
milky way = milkyway
outer space = space
united kingdom's = uk
heart attack|myocardial infarction = heartattack
high blood pressure|hypertension = hypertension
table salt|sodium chloride|nacl = sodiumchloride
carbon dioxide|co2 = carbondioxide
speed of light|light speed = lightspeed
at all = atall
as of = asof
due to|because of|owing to|thanks to = because
in front of = before
on top of = above
next to|adjacent to = beside
close to = near
far from = far
at least = atleast
at most = atmost
get rid of = remove
take off|took off = depart
turn on|switch on = turn-on
turn off|switch off = turn-off
able to = can
free of charge|at no cost|at no charge|for free = free
"""


@cache
def _table() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for line in TABLE.strip().splitlines():
        left, right = line.split(" = ")
        for phrase in left.split("|"):
            parts = tuple(phrase.replace("-", " ").replace(",", "").split())
            found.setdefault(parts[0], []).append((parts, right.strip()))
    for options in found.values():
        options.sort(key=lambda option: -len(option[0]))
    return found


_CASED = {"us", "who", "it", "un", "ai", "pm", "po", "mit", "st", "esa", "cia"}
"""Short forms that are also words: only in capitals do they stand for a name."""

_INITIALS = {"US": "usa", "WHO": "who-org"}
"""Too common as words to stand in the table."""


def canonical(words: Sequence[str], at: int) -> tuple[int, str]:
    """How many words from `at` make one expression (0 if none) and the word that stands for it."""
    if words[at] in _INITIALS:
        return 1, _INITIALS[words[at]]
    first = words[at].lower()
    for parts, right in _table().get(first, ()):
        if len(parts) == 1 and first in _CASED and not words[at].isupper():
            continue
        if tuple(word.lower() for word in words[at : at + len(parts)]) == parts:
            return len(parts), right
    return 0, ""
