"""Words that say the same in everyday statements, as sets written for this project.

A word may stand in several sets; two words are synonyms when they share one. Sets are not joined to one another, so
"match" and "game" in one set and "match" and "fit" in another make no synonyms of "game" and "fit". Sets hold words
that answer the same question about a thing (its height, where it stands), whatever their part of speech.
"""

from functools import cache

from inference.judges.alignment.lemma import lemma

SETS = """
locate situate stand lie position sit find place location site
build construct erect make construction building
begin start commence open launch beginning
end finish conclude terminate stop close
finish complete completion
build complete construct
write author pen writer
film movie picture motion
earth world globe
create invent develop devise make creator inventor
design architect designer plan
discover find discovery discoverer
found establish start create set founder founding
die death dead pass decease
birth born
kill murder assassinate slay
win victory winner
defeat beat conquer
lose loss defeat
buy purchase acquire acquisition
sell sale
own possess belong owner
marry wed wife husband spouse marriage
human body
father dad
mother mum mom
child kid
son boy
daughter girl
big large great huge enormous giant
small little tiny
tall high height elevation tallness
long length
wide width broad breadth across
deep depth
heavy weight weigh mass
old age aged
fast quick rapid speed swift
slow sluggish
far distant distance away
near close nearby
hot warm heat temperature
cold cool chilly
bright luminous brilliant
round spherical sphere globe ball globular
flat level disc disk
orbit revolve circle go travel
rotate spin turn rotation
visible see seen observe view spot
look appear seem
people person human individual inhabitant resident
population inhabitant resident people
human man humankind mankind humanity
car automobile vehicle
doctor physician
illness disease sickness disorder
medicine drug medication
cure heal remedy
treat treatment therapy
prevent stop avert avoid
cause produce trigger lead result
help aid assist
allow permit let may can authorize authorise entitle enable allowance permission
prohibit forbid ban disallow bar outlaw
require need must necessary mandatory obligatory compulsory shall requirement obligation oblige
optional voluntary
limit restrict restriction limitation cap ceiling
employee worker staff
employer company firm
company firm business corporation enterprise organisation organization
job work employment position occupation
salary pay wage remuneration earning
boss manager supervisor
pay payment remit
price cost charge
amount total sum figure
money cash fund
client customer buyer purchaser
supplier vendor seller issuer
invoice bill
issue date
due payable deadline
tax duty levy
contract agreement
buyer purchaser
address location residence
phone telephone
email mail
quantity number count
id identifier number identification
reference ref number
expire expiry expiration end
effective commence start
name call title
call know name
country nation state
city town
capital metropolis
river stream
ocean sea
mountain peak mount summit
island isle
forest wood woodland
street road avenue
house home residence dwelling
school college
university college
student pupil
teacher professor instructor
study research investigation
scientist researcher
book novel
author writer
poem poetry verse
song track tune
album record
singer vocalist
play drama
painter artist
paint painting
picture image photo photograph
compose composer composition
direct director
produce producer production
sport game
game match
player athlete
team club side
champion winner championship
award prize
receive get obtain earn
king monarch ruler emperor
queen monarch ruler empress
rule reign govern
leader head chief
president head
war conflict
battle fight
soldier troop
army military
weapon arm
attack assault strike
invade invasion
destroy ruin demolish destruction
damage harm injure
explode explosion blast
fire blaze
ship vessel boat
plane airplane aeroplane aircraft
train railway
fly flight
travel journey trip
arrive come reach
leave depart
go travel
visit tour
stay remain
live reside dwell inhabit life
grow rise increase growth
increase rise grow raise climb
decrease fall drop decline reduce reduction lower
change alter modify
fix repair mend
improve enhance better
worsen deteriorate
use utilize utilise employ
contain include comprise hold
include comprise feature
consist compose make
form shape
shape form
part portion piece section
whole entire complete full
half 50%
type kind sort variety
group set
member part
answer reply respond
ask inquire
say state declare claim
speak talk language
tell inform
believe think
know understand
show demonstrate prove indicate
prove proof evidence demonstrate
true correct right accurate
false wrong incorrect untrue
real genuine authentic
fake false counterfeit
important significant major
main principal chief primary
famous known renowned well-known celebrated
common usual typical
rare uncommon unusual
normal usual ordinary
strange odd unusual
easy simple
difficult hard tough
rich wealthy
poor impoverished
beautiful pretty lovely
happy glad
sad unhappy
angry mad
smart intelligent clever
stupid dumb
strong powerful
weak feeble
healthy fit
sick ill unwell
safe secure
dangerous hazardous unsafe
harmful damaging dangerous
poisonous toxic venomous
clean pure
dirty polluted
empty vacant
full filled
open opened
close shut
first initial earliest
last final
early beforehand
modern contemporary
ancient old antique
current present
former previous ex
next following subsequent
annual yearly
day daily
week weekly
month monthly
big major
many numerous multiple
few little
some several
approximate rough
exact precise
equal same identical
different distinct
similar alike
opposite contrary
north northern northward
south southern southward
east eastern eastward
west western westward
centre middle
inside within
above over
below under beneath underneath
top summit peak
bottom base
side flank
edge border boundary
border neighbour neighbor adjoin
surface ground
ground land soil
stone rock
metal metallic
gold golden
wood wooden timber
iron ferrous
glass crystal
water h2o
air atmosphere
ice frozen
rain rainfall
snow snowfall
storm tempest
sun solar sunlight
moon lunar
star stellar
planet planetary
space outer
universe cosmos
galaxy galactic
asteroid meteorite meteor
spacecraft probe
satellite moon
astronaut cosmonaut spaceman
land touch
walk step
animal creature beast
dog canine puppy
cat feline kitten
horse equine
cow cattle
bird avian
insect bug
snake serpent
mammal mammalian
egg ovum
lay produce
breathe respiration
swim swimming
eat consume feed
drink beverage
food meal nourishment
plant vegetation
tree trunk
flower bloom
brain cerebral
heart cardiac
blood haemoglobin
bone skeleton skeletal
eye vision sight
see eyesight
skin dermal
stomach gastric
lung pulmonary
kidney renal
muscle muscular
cell cellular
gene genetic
virus viral
bacteria bacterial bacterium
infection infect infectious contagious
vaccine vaccination inoculation vaccinate
vitamin supplement
cancer tumour tumor
pain ache
baby infant newborn
pregnant pregnancy
adult grownup
temperature degree
boil boiling
freeze freezing
melt melting thaw
evaporate vaporize
energy power
electricity electric electrical
computer pc
software program application
language tongue
program code
internet web online
website site webpage
company manufacturer maker
manufacture produce make
product good
shop store
work labour labor
holiday vacation leave
remote remotely telework telecommute
onsite office inperson premises
unlimited unrestricted limitless unbounded
headquarters hq head-office base
base headquarter
hire recruit employ
fire dismiss sack terminate
resign quit
approve accept authorise authorize
reject decline refuse deny
agree consent
sign signature
cancel annul revoke
send ship deliver dispatch
deliver delivery
refund reimburse reimbursement repay
guarantee warranty
fine penalty
law statute
legal lawful
illegal unlawful
crime offence offense
jail prison
court tribunal
judge justice
vote ballot
election elect
government administration
independent independence sovereign
democracy democratic
religion faith
god deity
church chapel
castle fortress
palace residence
bridge span
wall fortification rampart
tomb grave burial mausoleum
statue sculpture monument
monument memorial
museum gallery
painting portrait canvas
invent invention inventor
sail voyage
explore exploration explorer
reach attain
cross traverse
connect link join
separate divide split
flow run drain
contain hold
absorb soak
reflect bounce
emit release
shine glow
burn combustion
contract shrink
expand expansion swell
attract pull
repel push
measure measurement
calculate compute
double twice
triple thrice
divorce separate
collapse fall
sink sinking
crash collide collision
erupt eruption
occur happen place
hold host organise organize
last continue endure
cover span
rank place
nickname call alias
speak spoken
wear dress
carry transport
hit strike
catch capture
escape flee
hide conceal
protect defend guard
support back
oppose object
lead guide
follow obey
teach educate instruct
learn study
sleep slumber
wake awake
sing song
dance dancing
cook prepare
bake baking
clean wash
cut slice
fall drop
jump leap
pull drag
throw toss
push shove
turn rotate
native indigenous
originate origin source come
nationality citizen citizenship
abolish end
publish release publication
release publish
premiere debut
star act feature play
record tape
serve work
succeed follow replace
replace substitute
inherit succession
surrender capitulate
sole only
minimum least
maximum most
shareholder stockholder
profit earnings gain
revenue turnover sale
debt liability
deposit downpayment
rent lease
tenant lessee renter
landlord lessor owner
pet animal
child minor
notice notification
terminate end termination
overtime extra
bonus incentive
insurance coverage cover
"""


@cache
def _index() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for number, line in enumerate(SETS.strip().splitlines()):
        for word in line.split():
            found.setdefault(lemma(word), set()).add(f"={number}")
    return {word: frozenset(ids) for word, ids in found.items()}


def synonym_keys(word_lemma: str) -> frozenset[str]:
    """The sets in which a plain form stands; two words that share one are synonyms."""
    return _index().get(word_lemma, frozenset())
