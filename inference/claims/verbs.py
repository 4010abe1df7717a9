"""English verbs: their forms, and whether a word is one.

`third_person`, `past` and the tables serve to turn a question into a statement ("Did X win?" into "X won"). The lists
hold common verbs only; a verb that is missing keeps its regular forms and is not recognised as a verb.
"""

from functools import lru_cache

from inference.claims import lexicon as lex

# base past participle; several pasts are left out where one is plainly the usual one
_IRREGULAR = """
arise arose arisen|awake awoke awoken|bear bore borne|beat beat beaten|become became become|begin began begun|
bend bent bent|bet bet bet|bind bound bound|bite bit bitten|bleed bled bled|blow blew blown|break broke broken|
breed bred bred|bring brought brought|broadcast broadcast broadcast|build built built|burst burst burst|
buy bought bought|cast cast cast|catch caught caught|choose chose chosen|cling clung clung|come came come|
cost cost cost|creep crept crept|cut cut cut|deal dealt dealt|dig dug dug|draw drew drawn|drink drank drunk|
drive drove driven|eat ate eaten|fall fell fallen|feed fed fed|feel felt felt|fight fought fought|find found found|
flee fled fled|fly flew flown|forbid forbade forbidden|forecast forecast forecast|foresee foresaw foreseen|
forget forgot forgotten|forgive forgave forgiven|freeze froze frozen|get got gotten|give gave given|go went gone|
grind ground ground|grow grew grown|hang hung hung|hear heard heard|hide hid hidden|hit hit hit|hold held held|
hurt hurt hurt|keep kept kept|kneel knelt knelt|know knew known|lay laid laid|lead led led|leave left left|
lend lent lent|let let let|lie lay lain|lose lost lost|make made made|mean meant meant|meet met met|
mistake mistook mistaken|outgrow outgrew outgrown|overcome overcame overcome|overtake overtook overtaken|
overthrow overthrew overthrown|pay paid paid|put put put|quit quit quit|read read read|rebuild rebuilt rebuilt|
ride rode ridden|ring rang rung|rise rose risen|run ran run|say said said|see saw seen|seek sought sought|
sell sold sold|send sent sent|set set set|sew sewed sewn|shake shook shaken|shed shed shed|shine shone shone|
shoot shot shot|show showed shown|shrink shrank shrunk|shut shut shut|sing sang sung|sink sank sunk|sit sat sat|
sleep slept slept|slide slid slid|speak spoke spoken|spend spent spent|spin spun spun|split split split|
spread spread spread|spring sprang sprung|stand stood stood|steal stole stolen|stick stuck stuck|sting stung stung|
strike struck struck|strive strove striven|swear swore sworn|sweep swept swept|swell swelled swollen|swim swam swum|
swing swung swung|take took taken|teach taught taught|tear tore torn|tell told told|think thought thought|
throw threw thrown|undergo underwent undergone|understand understood understood|undertake undertook undertaken|
uphold upheld upheld|wake woke woken|wear wore worn|weave wove woven|win won won|wind wound wound|
withdraw withdrew withdrawn|withstand withstood withstood|write wrote written|rewrite rewrote rewritten|do did done|
have had had|be was been|wed wed wed|weep wept wept|lean leaned leaned|learn learned learned|dream dreamed dreamed|
burn burned burned|spell spelled spelled|spill spilled spilled|prove proved proven|bid bid bid|fit fit fit|
knit knit knit|light lit lit|leap leapt leapt|mislead misled misled|misread misread misread|
override overrode overridden|oversee oversaw overseen|partake partook partaken|repay repaid repaid|
resell resold resold|retake retook retaken|sneak snuck snuck|spit spat spat|stink stank stunk|
stride strode stridden|thrust thrust thrust|tread trod trodden|unwind unwound unwound|withhold withheld withheld|
outrun outran outrun|outsell outsold outsold|redo redid redone|remake remade remade|undo undid undone|
foretell foretold foretold|inset inset inset|interweave interwove interwoven
"""
_FORMS = [tuple(entry.split()) for entry in _IRREGULAR.replace("\n", "").split("|")]
_PAST = {base: past for base, past, _ in _FORMS}
PARTICIPLES = frozenset(participle for _, _, participle in _FORMS) | {"born"}
# A past that is no participle is a finite verb wherever it stands: "wrote", "began". "saw", "lay" and the like are
# nouns or other verbs too.
PAST_ONLY = frozenset(past for _, past, _ in _FORMS) - PARTICIPLES - frozenset({"saw", "lay", "bit", "bore", "ground"})
# A past that is written like its base or like another word: "put", "saw".
PAST_LIKE_OTHERS = frozenset(past for base, past, _ in _FORMS if past == base) | {"saw", "lay", "bit", "bore"}
PAST_OR_PARTICIPLE = frozenset(past for base, past, part in _FORMS if past == part and past != base)

# Verbs that are hardly ever nouns.
_PURE = """
absorb accelerate accept accompany accumulate accuse achieve acquire act activate adapt add adhere adjust administer
admit adopt advise affect afford agree allocate allow alter amend analyze announce apologize appeal appear apply
appoint approach approve argue arrange arrive ask assassinate assert assign assist assume attain attend attract
authorize avoid ban bark bathe be become begin behave believe belong bind bite bleed blow boil borrow bounce break
breathe bring build burn bury buy calculate cancel carry carve catch cease celebrate chase chew choke choose circulate
cite claim climb close collaborate collapse collect collide colonize combine come commend commit communicate
compensate compete complain complete compose comprehend comprise compute concede conceive concentrate conclude condemn
condense conduct confess confirm confront confuse congratulate connect conquer consent conserve consider consist
constitute construct construe consume contain contaminate contend contest continue contrast contribute control
converge convert convict convince cook coordinate correlate correspond corrupt cover crawl create criticize cross
crucify crush cry cure decide declare decline decompose decorate decrease dedicate deepen defeat defend defer define
degrade delegate delete deliberate deliver demand demonstrate deny depart depend deploy deposit deprive derive descend
describe deserve designate destroy detach detain detect deter deteriorate determine develop devote diagnose die differ
digest disable disagree disappear discard discharge disclose discourage discover discuss dislike dismiss disrupt
dissolve distribute dive divert divide divorce dominate donate double drain draw drink drive drop drown earn eat edit
educate elapse elect eliminate embrace emerge emigrate emit emphasize employ enable enact encode encompass encourage
endanger endorse endure enforce engage enhance enjoy enlarge enroll ensure entail enter erase erupt escape establish
evacuate evade evaluate evaporate evoke evolve exaggerate examine exceed excel exclude execute exhale exile exist
expand expect expel expire explain explode exploit explore express extend extract facilitate fade fail fall feature
feed feel fertilize fetch fight fill find finish fire fix flee float flourish flow fly follow forbid forgive form
foster found freeze frighten fulfill fund gather generate get give glow go govern grab graduate grant greet grow
guarantee guide halt handle hang happen harm have heal hear hesitate hibernate hide hinder hire hold host humiliate
hunt hurt identify ignite ignore illustrate imagine immigrate immunize impair implement imply impose impress imprison
improve include incorporate increase indicate induce infect infer inflate inform inhabit inhale inherit inhibit
initiate inject injure innovate insert insist inspect inspire install instruct insulate insult integrate intend
intensify interact interfere interpret interrupt intersect intervene introduce invade invent invest investigate invite
invoke involve irritate isolate issue join jump keep kill kiss knock know land last laugh launch lay lead learn leave
lend let liberate lick lie lift limit link listen live locate lose magnify maintain make manage mandate manipulate
manufacture marry mate mean measure meet melt mention merge migrate mimic mine mix modify motivate move murder mutate
navigate neglect negotiate neutralize nod nominate notify nourish nurture obey obscure observe obstruct obtain occupy
occur offend offer offset omit open operate oppose orbit organize originate oust outlive outnumber outshine outweigh
overcome overlap oversee overtake owe own paint participate pass pay penalize penetrate perceive perform perish permit
persist persuade pick plant play plead plunge point pollinate ponder portray possess postpone pour power practice pray
preach precede predict prefer prepare prescribe present preserve preside presume pretend prevail prevent print
privatize proceed process proclaim procure produce prohibit promote pronounce propel propose prosecute protect prove
provide provoke publish pull pump pursue push put qualify quit radiate raise rank ratify reach react read realize
reassign reassure rebuild recall receive recite reclaim recognize recommend reconcile record recover recruit recycle
reduce refer refill refine reflect refrain refund refuse regard regenerate regulate rehabilitate rehearse reign
reimburse reinforce reiterate reject relate relax release relinquish relocate rely remain remember remind remit remove
render renew renounce rent repair repeal repel replace replicate report represent repress reproduce require rescind
rescue resemble reset reside resign resist resolve respond restrict result resume resurrect retain retire retrieve
return reuse reveal reverse revise revoke revolve rewrite ride ring rip rise roam rotate rub rule run satisfy save say
scare scatter score secrete secure see seek seem seize sell send sentence separate serve set settle share shave shine
shoot show shrink sign signify simulate sing sink sit sleep slow smell smile sneeze soak solve speak specialize
specify spend spill spin split spread stabilize stand star stare start state stay steal sterilize stick stimulate
stipulate stop store strengthen strike submit subscribe subside substitute subtract succeed suck sue suffer suggest
summon supersede supervise supply support suppose suppress surpass surrender surround survive suspend sustain swallow
swim switch symbolize synthesize take teach tell tempt tend terminate thank think threaten thrive throw tolerate touch
trace train transcend transfer transform translate transmit transplant transport travel traverse treat trigger try
turn undergo understand unify unite unlock uphold use utilize validate vanish vary verify violate visit vote wait
waive wake walk want warn warrant wash waste weaken wear weigh widen win wipe withdraw withhold withstand work worry
worship wrap write yell abandon abbreviate abolish abound acknowledge adjoin adorn advertise aggravate air alert align
alleviate alternate antagonize anticipate apprehend arouse ascend aspire assemble assess astonish atone attribute
augment aviate await beg bestow betray boast boost border calm catalyze cater center characterize cherish chronicle
coexist coincide coin commemorate commence compile compound conceal confer confine conform consolidate contradict
convey counteract craft culminate curb dazzle debut decay deem denote depict derail despise detract devise devour
dictate diminish direct discredit disprove distinguish distort divulge draft dwell elaborate elevate elicit elude
emanate embark embody emphasise empower enclose encounter engrave enrich ensue entice entitle envision equate
eradicate escalate espouse evict exacerbate excrete exemplify exert exhibit exterminate falsify fascinate favor favour
fluctuate foretell forge frequent fuel garner germinate glorify graze gross hail halve hamper harbor harness hasten
headline hoist hover hydrate impede impersonate impregnate incite incline inflict infringe ingest insinuate instigate
interrogate intrigue inundate invert jeopardize juggle legislate linger loathe loom lurk magnetize malfunction
manifest mature mediate merit metabolize mirror misinterpret misunderstand mitigate modulate moderate molest mourn
narrate necessitate nullify officiate outline outperform outpace outstrip overestimate overhear overlook overrule
overshadow parody patrol peak perpetuate pertain phosphorylate photograph pioneer pique plagiarize plummet populate
precipitate preclude predate predominate premiere preoccupy prioritize procreate profess propagate purport quantify
quote raid reappear reassert rebuke recede reckon recollect recount rectify redefine refute rejoin rejuvenate relay
relish remark reminisce renovate reorganize reprise restore restructure resurface retell revere revitalize revive
roast salute scold scramble sculpt seclude shatter showcase signal skate snap soar spark spawn span speculate spur
stem strive stumble succumb suffocate surge symbolise synchronize taunt tease testify thwart topple transcribe
transpire trek underestimate undermine underscore unfold unveil upset usher vaccinate vend venerate vie vilify vow
wander wield worsen yearn analyse criticise organise realise recognise specialise utilise minimise maximise minimize
maximize stabilise characterise categorise categorize popularise popularize publicise standardize stretch recur
rekindle relive trust
"""
# Those of them that are as often nouns or adjectives: they count as verbs only where their neighbours agree.
_ALSO_NOUNS = """
act address amount answer arrest attack ban bark battle bend benefit bite blame block blow bond bother breach break
burn cancel capture cast catch cause challenge clean change charge claim climb close collapse command comment compare
complete concern conflict contact contract control cook copy cost count cover crash crawl credit cross crown cure
cycle dance date deal debate decline decrease delay demand deposit desire detail discount display dispute double doubt
draft drain draw dress drift drink drive drop dry dye encounter end escape exchange excuse exile experience experiment
export face fall fear feature feed fight fire fix flip flood flow focus fold form found freeze function fund gain
grade guess guide handle harm hatch head heat help highlight hold host hug hunt hurt impact import increase influence
issue join jump kick kill kiss label lack land last launch lay lead leak license lie lift like limit link live load
loan lock look love mandate mate mean measure mind mine miss mix monitor move murder name need neglect nest network
note object offer open orbit order own pack paint pass patent pause pay permit pick pinch pitch place plan plant play
pledge plug point poison pour power practice prefer present price print process produce program project promise
protest pull pump purchase push race rain rank rate reach read rebel record reform refund regret reign release remedy
rent repair report request rescue research reserve respect rest result retreat return review revolt reward ride ring
rise rival rot rub ruin rule run rush sail sanction save scale score scratch scream search separate serve set shape
share shed shelter shift shine shock shoot shout show sigh sign sink slide slip slow smell smoke snow sound spin split
sponsor spot spray spread squeeze stain stamp star start state stay stick stop store stream stress stretch strike
strip struggle study stun suit sum supply support surface surprise survey suspect sweat sweep swell switch tackle talk
target taste tax test tie time touch tour trade train transfer transit transport trap travel treat trick trigger
triumph trust try turn twist type update upgrade urge use value vary venture view visit volunteer vote wait wake walk
want warm warrant wash waste water wave weather welcome whisper whistle win wish witness wonder work worry wound wrap
yield zoom abuse air advertise border center compound debut direct exhibit favor favour fuel graze gross hail harbor
headline house merit mirror outline parody patrol peak photograph pioneer premiere quote raid relish remark salute
signal snap span spark spur stem surge trek bottle campaign design film gather heighten honor model reference trace
"""
AMBIGUOUS = frozenset(_ALSO_NOUNS.split())
BASES = frozenset(_PURE.split()) | AMBIGUOUS | frozenset(_PAST)

BE = frozenset({"is", "are", "was", "were", "am"})
DO = frozenset({"do", "does", "did"})
HAVE = frozenset({"has", "have", "had"})
MODALS = frozenset({"can", "could", "will", "would", "should", "must", "may", "might", "shall"})
AUXILIARIES = BE | DO | HAVE | MODALS

_DOUBLED = lex.word_set(
    "admit begin commit compel control equip excel expel forget occur omit permit prefer propel rebel refer "
    "regret repel submit transfer transmit ban beg clap chat chop drop drag fit flip grab grip hop hug jog knit "
    "knot log map mop nod pat pin plan plot plug pop rip rob rot rub scan ship shop skip slam slap slip snap spot "
    "stem step stir stop strip swap tag tan tap tip trap trim trip wrap zip ban bar star scar blur wed pet pit "
    "bat"
)
_S_FORMS = {"be": "is", "have": "has", "do": "does", "go": "goes"}
_HISSING = ("s", "x", "z", "ch", "sh", "o")


def third_person(base: str) -> str:
    """The form after "it": "allow" gives "allows"."""
    if base in _S_FORMS:
        return _S_FORMS[base]
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(_HISSING) else "s")


def past(base: str) -> str:
    """The past tense: "win" gives "won", "end" gives "ended"."""
    if base in _PAST:
        return _PAST[base]
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return base[:-1] + "ied"
    return base + (base[-1] + "ed" if base in _DOUBLED else "ed")


@lru_cache(maxsize=1)
def third_persons() -> dict[str, str]:
    """Every known "-s" form with its base."""
    return {third_person(base): base for base in BASES}


_NOT_PAST = frozenset({"hundred", "sacred", "naked", "shed", "sled", "kindred", "hatred", "wicked", "rugged", "biped"})


def is_participle(word: str) -> bool:
    """Whether the word, lower case, can be a past participle."""
    return word in PARTICIPLES or (
        word.endswith("ed") and not word.endswith("eed") and len(word) > 3 and word not in _NOT_PAST
    )
