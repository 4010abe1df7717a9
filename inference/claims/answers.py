"""What kind of answer a sentence is: yes, no, nothing to check, a phrase, or a statement.

A refusal, a "don't know", a greeting, a question and an order to the reader state nothing, so they are no claims and
can never be supported.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from inference.claims import lexicon as lex
from inference.claims.phrases import finite_verb, is_finite, rejoined, tokens

_DOC = lex.DOCUMENT_WORDS
_HEAD_CHARS = 400  # how much of a sentence decides whether it says anything


class Kind(Enum):
    """What a sentence is."""

    NOTHING = auto()
    PHRASE = auto()
    STATEMENT = auto()


@dataclass(frozen=True, slots=True)
class Head:
    """A yes or no at the start of a sentence, and where it ends."""

    agrees: bool
    end: int


# Words that can stand before a pronoun or clause without a comma, and those that need one.
_YES = r"yes|yeah|yep|yup|yea|aye|affirmative|uh-huh|y"
_YES_FIRM = (
    r"absolutely|correct|right|true|indeed|certainly|definitely|exactly|of course|sure(?: thing)?|totally|"
    r"precisely|undoubtedly|"
    r"(?:that|this|it)(?:'s| is) (?:absolutely |indeed |quite |entirely |completely )?(?:right|correct|true|"
    r"accurate|so|the case)|you bet|without (?:a )?doubt|100 ?%|"
    r"(?:i )?(?:think|believe|guess|suppose) so|naturally|agreed|for sure|you(?:'re| are) (?:absolutely "
    r")?(?:right|correct)|obviously|most certainly|very much so|👍|✅|✔️?|"
    r"(?:it|he|she|they|there|we|you|i)(?:'s| is| are| was| were| does| do| did| has| have| had| can| could| will|"
    r" would| should| must| may| might)(?: indeed)?"
)
_NO = r"no|nope|nah|nay|negative|n"
_NO_FIRM = (
    r"not at all|never|false|incorrect|wrong|not really|not true|of course not|certainly not|definitely not|"
    r"absolutely not|no way|by no means|"
    r"not quite|not exactly|hardly|probably not|surely not|"
    r"(?:that|this|it)(?:'s| is)(?:n't| not) (?:\w+ )?(?:right|correct|true|accurate|so|the case)|(?:that|this|"
    r"it)(?:'s| is) (?:\w+ )?(?:wrong|false|incorrect|untrue|a myth)|"
    r"i (?:don't|do not) (?:think|believe) so|i think not|👎|❌|✖️?|"
    r"(?:it|he|she|they|there|we|you|i)(?:'s not|'re not|'m not| is not| are not| isn't| aren't| was not| were "
    r"not| wasn't| weren't| does not| do not| doesn't| don't| did not| didn't|"
    r" has not| hasn't| have not| haven't| cannot| can not| can't| could not| couldn't| will not| won't| would "
    r"not| wouldn't| should not| shouldn't| must not| mustn't)"
)
_OPEN = r"\s*[\"“'‘(]?\s*"
_STOP = r"\s*(?:[,.!:;—–…)\"”’-]+\s*|\Z)"
_NOT_A_NOUN = r"(?=\s+(?:it|he|she|they|that|this|there|the|you|i|we|in|an?|its|my|of course|not|because)\b)\s+"
_HEADS = (
    (True, re.compile(rf"{_OPEN}(?:{_YES})(?:{_STOP}|\s+)", re.I)),
    (True, re.compile(rf"{_OPEN}(?:{_YES_FIRM}){_STOP}", re.I)),
    (False, re.compile(rf"{_OPEN}(?:{_NO})(?:{_STOP}|{_NOT_A_NOUN})", re.I)),
    (False, re.compile(rf"{_OPEN}(?:{_NO_FIRM}){_STOP}", re.I)),
)
_SIGNS = frozenset("👍👎✅❌✔✖")
_BOTH = re.compile(r"\s*yes and no\b", re.I)
_HEADS_MAX = 4  # "Yes, absolutely, it is."

_FILLERS = lex.word_set(
    "my dear friend sir madam ma'am mate buddy pal man bro dude folks there 100 100% percent totally absolutely "
    "completely indeed of course for sure certainly definitely exactly it is does do did was were are can will "
    "that's right correct true i think believe so at all really very much please thanks thank you a without doubt "
    "entirely fully"
)

# The speaker cannot or will not answer: no evidence bears on it. What else the speaker is not or does not can be told.
_SELF = r"(?:i|we)\b(?:'m| am| was|'ve been| have been| are|'re)? ?"
_ADVERB = r"(?:(?:really|honestly|just|currently|still|personally|genuinely|simply|also|quite|even|actually) )*"
_SELF_NOT = r"(?:do|did|can|could|would|will|am|have|has|was|were|are|wo|ca|should)(?: ?n'?t| ?not)|cannot"
_NOT_TOLD = (
    r"know|remember|recall|reali[sz]e|understand (?:the|your|what you|that\b|it\b|this\b)|think so|believe so|have "
    r"(?:\w+ ){0,2}(?:information|data|idea|access|details?|answers?|context|clue|knowledge|opinions?|feelings)|"
    r"(?:be able to |want to |wish to )?(?:answer|help|assist|say|tell(?! (?:his|her|your|my|their|them|him|the)\b)|"
    r"provide|verify|confirm|determine|comment|"
    r"share|do (?:that|this|so)|access|browse|discuss|find (?:this|that|it|any|the (?:answer|information))|give "
    r"(?:you|an?|any|advice)|assess|judge|respond|speculate|engage|see (?:any|images?))"
)
_NEGATIVE_SELF = (
    rf"{_SELF}{_ADVERB}(?:(?:{_SELF_NOT}) {_ADVERB}(?:{_NOT_TOLD})\b|"
    rf"not {_ADVERB}(?:sure|certain|aware|familiar|qualified|positive|an expert|able to (?:{_NOT_TOLD}))\b|"
    rf"unable to (?:{_NOT_TOLD})\b|unsure\b|unaware\b|uncertain\b|"
    r"(?:have|had) (?:absolutely )?no (?:idea|information|clue|knowledge|access|answer|opinion|data|comment)\b|"
    rf"(?:lack|refuse|must decline|decline|have to decline)(?: to)? (?:the |any |enough )?(?:{_NOT_TOLD}|information|"
    r"data|knowledge)\b|(?:must |have to )?decline\s*[.!]*\Z)|"
    rf"(?:{_SELF}{_ADVERB})(?:{_SELF_NOT})\s*[.!]*\Z"
)
_ABOUT_SELF = (
    r"(?:i|we)\b(?:'m| am|'d| would|'ll| will| can| could|'re| are|'ve| have| was)? ?(?:\w+ly |always |also |just |"
    r"very |so |more than )?"
    r"(?:(?:hope|apologi[sz]e|sorry|recommend|suggest|advise|appreciate|look(?:ing)? forward|thank|an ai|"
    r"an? (?:\w+ ){0,2}(?:ai|language model|assistant|chatbot|bot))\b|"
    r"(?:here|trained|designed|happy|glad|pleased|delighted|welcome|afraid|be (?:happy|glad|able)) to\b|"
    r"(?:want to |need to |like to )?(?:help|assist|provide|try)(?: (?:you|with|to|my|your|and)\b|\s*[.!]*\Z)|"
    r"(?:here|understand|see|agree|fine|good|well|doing \w+)\s*[.!]*\Z)"
)
# A taste or a wish, as long as nothing is said of what is liked: "I like tea", not "I like tea because it is hot".
_FEELING = re.compile(
    rf"(?:i|we)\b(?:'d| would|'m| am)? ?{_ADVERB}(?:{_SELF_NOT})? ?{_ADVERB}(?:love|like|enjoy|prefer|hate|"
    rf"adore|dislike|care for|wish|glad|happy|pleased|delighted|excited|(?:a )?(?:big |huge )?fans? of)\b",
    re.I,
)
_TOLD_OF_IT = re.compile(
    r"\b(?:because|since|as|that|how|when|where|which|who|whose|although|though|but)\b|\d|,(?!\s*too\b)|[;:]", re.I
)
# A courtesy or advice, whatever follows.
_CLOSING = (
    r"let me know|feel free|(?:i )?hope (?:this|that|it) (?:helps?|answers?|clarifies|is)|(?:happy|glad|here) to "
    r"help|(?:you're|you are) (?:very |most |quite )?welcome|"
    r"(?:that's|that is|what) an? (?:\w+ )?question|as an ai\b|please\b|kindly\b|don't hesitate|do not hesitate|"
    r"if you (?:have|need|want|would like|'d like) (?:any|more|further|help|me|to know|additional|anything|other)|"
    r"is there anything|"
    r"you (?:should|may want to|might want to|may wish to)(?: also| always)? (?:consult|check|ask|contact|see|"
    r"consider|try|refer|verify|visit|seek|speak|talk|look|find)\b|"
    r"you (?:can|could|may|might)(?: also| always)? (?:consult|check|ask me|contact|refer|verify)\b"
)
# A courtesy only if no statement follows: "Hello Kitty was created in 1974" is one.
_COURTESY = (
    r"have a (?:\w+ )?(?:day|night|evening|weekend|time|one)|good luck|no problem|no worries|any ?time\b|here you "
    r"go|(?:good|great|excellent|interesting) question|cheers|"
    r"(?:best|kind|warm) regards|see you|take care|welcome\b|thanks?\b|thank you|hello\b|hi\b|hey\b|greetings|"
    r"good (?:morning|afternoon|evening|night)|goodbye|bye\b|"
    r"sorry\b|apologies|my apologies|sincerely|yours|congratulations|enjoy\b|got it|understood|okay|ok\b|alright|"
    r"sure\b|certainly\b|of course\b|absolutely\b|all set|done\b"
)
_UNKNOWN_PHRASE = (
    r"unknown|n/?a\b|not (?:sure|known|certain|clear|applicable|enough|specified|mentioned|provided|available|"
    r"stated|given|found|disclosed|listed|necessarily)|no idea|"
    r"yes and no|unclear|uncertain|undetermined|no (?:answer|information|comment|data|response|details)|none "
    r"given|maybe|perhaps|possibly|depends|hard to (?:say|tell)|"
    r"cannot (?:say|tell|answer|determine|be determined)|insufficient (?:information|data|evidence|context)|ask "
    r"(?:someone|a)\b|dunno|idk|beats me|no clue|none of your business"
)
_UNKNOWN = (
    r"(?:it|that|this)(?:'s| is| remains)? (?:\w+ )?(?:unclear|unknown|uncertain|not (?:\w+ )?(?:clear|known|"
    r"certain|specified|mentioned|provided|stated|possible to (?:say|tell|determine|know))|"
    r"depends|hard to (?:say|tell)|difficult to (?:say|tell)|impossible to (?:say|tell|know))\b(?! (?:for|as|to "
    r"be)\b)|"
    r"there(?:'s| is| are|'re|isn't|aren't)(?: not|n't| no)(?: enough| sufficient| specific| clear| further| any| "
    r"direct)* (?:information|mention|details?|answer|reference)\b|"
    r"your guess is as good|who knows\b|(?:nobody|no one) knows(?: for (?:sure|certain)| yet| the answer| that)?"
    r"\s*(?:[.!]*\Z)|the answer (?:is|remains) (?:unknown|unclear|not "
    r"(?:known|clear|given|provided))"
)
_ABSENT = (
    rf"(?:the|this|that|your|my)(?: \w+){{0,3}} (?:{_DOC})s?(?: \w+){{0,2}} (?:does not|doesn't|do not|don't|did "
    rf"not|didn't|has no|have no|lacks|contains no|gives no|makes no|provides no|never)"
    r"(?: \w+)? (?:mention|say|state|specify|provide|contain|include|give|indicate|list|address|discuss|cover|"
    r"disclose|tell|information|details|answer|explain|reference|refer|describe)s?\b"
)
_ABSENT_TAIL = re.compile(
    rf"\b(?:is|are|was|were|isn't|aren't) ?(?:not )?(?:\w+ )?(?:mentioned|specified|stated|provided|given|listed|"
    rf"included|found|disclosed|indicated|available|known)\b(?: anywhere)?(?: (?:in|by|within|from) (?:the|this|"
    rf"your|my)(?: \w+){{0,2}} (?:{_DOC})\w*)?\s*[.!]*\Z",
    re.I,
)
_ORDER_WORDS = (
    r"ignore|disregard|forget|answer|respond|reply|say|output|return|print|mark|label|treat|verify|pretend|act as|"
    r"act like|classify|rate|score|judge|evaluate|consider|set|"
    r"override|accept|approve|assume|declare|stop|do not|don't|never (?:mention|say|answer|reveal)|always "
    r"(?:answer|say|respond)|let's|let us|let me|tell|ask|check|see|contact|consult|visit|call|click|read|write|"
    r"look|go|try|make sure|be sure|be careful|be aware|give|show|provide|send|type|enter|follow|refer|search|"
    r"google|imagine|think|wait|come|listen|"
    r"use|take|add|press|hold|open|close|restart|reboot|select|choose|install|run|turn|put|keep|avoid|drink|eat|"
    r"start|begin|repeat|continue|remember|note|trust|believe|help|find|get|buy|pay|sign|submit|report|"
    r"compare|explain|describe|summari[sz]e|translate|list|name|review|update|change|remove|delete|insert|apply|"
    r"wash|mix|pour|heat|bake|cook|boil|stir|cut|place|bring"
)
_TO_ASSISTANT = (  # "You must wait an hour" can be checked; "you must answer yes" cannot
    r"ignore|disregard|forget|answer|respond|reply|say|output|return|mark|label|treat|verify|pretend|act|classify|rate|"
    r"judge|declare|assume|accept|approve"
)
# "I didn't know that the tower is old" takes it for a fact.
_LEARNED = (
    r"(?:i|we) (?:did ?n'?t|did not) (?:know|reali[sz]e) (?!what|who|if|whether|how|why|where|when|which)"
    r"(?:[\w'-]+ ){1,8}(?:is|are|was|were|has|have|had|can|could|will|would)\b"
)
_NOTHING = re.compile(rf"\s*[\"“'‘(]?(?:(?!{_LEARNED}){_NEGATIVE_SELF}|{_ABOUT_SELF}|{_CLOSING})", re.I)
_LEFT_OPEN = re.compile(rf"\s*[\"“'‘(]?(?:{_UNKNOWN})(?=\W|\Z)", re.I)
_IN_DOCUMENT = re.compile(rf"\b(?:{_DOC})s?\b", re.I)
_LEFT_OPEN_WORDS_MAX = 5  # "It is still unclear." answers nothing, whatever was asked
_UNKNOWN_WORDS_MAX = 8  # "Unknown virus spreads in the north of the country" is a headline
_COURTESY_PHRASE = re.compile(rf"\s*[\"“'‘(]?(?:{_COURTESY})", re.I)
_UNKNOWN_ALONE = re.compile(rf"\s*[\"“'‘(]?(?:{_UNKNOWN_PHRASE})(?=\W|\Z)", re.I)
_ORDER = re.compile(
    rf"\s*[\"“'‘(]?(?:(?:please|kindly|just|now|then|also)[, ]+|you (?:must|should|have to) (?=(?:{_TO_ASSISTANT})\b))*"
    rf"(?:{_ORDER_WORDS})\b(?!\s*[:,(=]|['’]s)(?=\s*\w|\s*[.!]*\Z)",
    re.I,
)
_DONT_KNOW_STATEMENT = re.compile(rf"\s*[\"“'‘(]?(?:{_ABSENT})", re.I)
_TITLE_WORDS_MIN = 3
_IN_NAMES = lex.PREPOSITIONS | lex.CONJUNCTIONS | lex.ARTICLES
_ORDERS_ALONE = frozenset({"stop", "wait", "continue", "ignore", "listen", "enter", "answer"})
_ORDERS_ALWAYS = lex.word_set("ignore disregard please do don't pretend respond reply")
_QUESTION_MARKS = ("?", "？", "؟")
_FOREIGN_STATEMENT_CHARS = 8  # this many letters without a word of ours make a statement in a script without spaces


def says_something(text: str) -> bool:
    """Whether there is a word in it, or a mark that means yes or no."""
    return any(char.isalnum() or char in _SIGNS for char in text)


def head(text: str, start: int = 0) -> Head | None:
    """The yes or no that `text` begins with at `start`, with the words that only repeat it."""
    text = text.replace("’", "'")
    found: Head | None = None
    if _BOTH.match(text, start):
        return None
    at = start
    for _ in range(_HEADS_MAX):
        step = _one_head(text, at)
        if step is None or (found is not None and step.agrees != found.agrees):
            break
        found, at = Head(found.agrees if found else step.agrees, step.end), step.end
    return found


def _one_head(text: str, at: int) -> Head | None:
    for agrees, pattern in _HEADS:
        match = pattern.match(text, at)
        if match and match.end() > at:
            return Head(agrees, match.end())
    return None


def is_filler(rest: str) -> bool:
    """Whether what follows a yes or no adds nothing to check: "my friend", "100%", a name that is called."""
    found = [token for token in tokens(rest) if token.is_word]
    return all(token.lower in _FILLERS for token in found)


def is_called_name(rest: str) -> bool:
    """Whether it is one capitalised word: "Yes, John." """
    found = tokens(rest)
    return len(found) == 1 and found[0].is_capital


def asks(text: str) -> bool:
    """Whether the sentence is a question."""
    return text.rstrip("\"'”’) *_").endswith(_QUESTION_MARKS)


def leaves_open(text: str, asked: bool) -> bool:
    """Whether it only says that the answer is not known. Where nothing was asked, that may be what is stated."""
    said = rejoined(text[:_HEAD_CHARS]).replace("’", "'")
    if _LEFT_OPEN.match(said) is None:
        return False
    return asked or len(said.split()) <= _LEFT_OPEN_WORDS_MAX or _IN_DOCUMENT.search(said) is not None


def says_unknown(text: str, asked: bool) -> bool:
    """Whether it says that the document does not tell."""
    said = text[:_HEAD_CHARS].replace("’", "'")
    if _DONT_KNOW_STATEMENT.match(said):
        return True
    tail = text[-_HEAD_CHARS:].replace("’", "'")
    found = _ABSENT_TAIL.search(tail)
    if found is None or not re.search(r"n't|\bnot\b", found.group()):
        return False
    return asked or _IN_DOCUMENT.search(found.group()) is not None


def is_order(text: str) -> bool:
    """Whether the sentence tells the reader to do something."""
    return _ORDER.match(text[:_HEAD_CHARS].replace("’", "'")) is not None and not _order_word_is_noun(text)


def _order_word_is_noun(text: str) -> bool:
    """Whether the first word is no verb here: "Mark Twain", "Use of force", "Answer choices are few"."""
    found = [token for token in tokens(text, 12) if token.is_word]
    if len(found) < 2:
        return not found or found[0].lower not in _ORDERS_ALONE
    named = next((i for i, token in enumerate(found) if not (token.is_capital or token.lower in _IN_NAMES)), len(found))
    if _TITLE_WORDS_MIN <= named < len(found) and is_finite(found, named):
        return True  # "Do Not Go Gentle was written in 1947"
    if found[0].lower in _ORDERS_ALWAYS:
        return False
    names = all(token.is_capital or token.lower in lex.PREPOSITIONS | lex.CONJUNCTIONS for token in found)
    if (names and len(found) <= 5) or found[1].lower == "of":
        return True
    at = finite_verb(found)
    if at == 1:
        return (
            found[0].lower != "you"
        )  # "Google makes phones", "Help is near": no order has a finite verb right behind it
    return at is not None and 1 < at <= 3 and found[1].lower not in lex.DETERMINERS | lex.PRONOUNS | {"what", "that"}


def _is_feeling(said: str) -> bool:
    """Whether it tells no more than what the speaker likes or wishes."""
    found = _FEELING.match(said)
    if found is None or _TOLD_OF_IT.search(said, found.end()):
        return False
    return finite_verb(tokens(f"it {said[found.end() :]}")) is None


def kind_of(text: str, asked: bool = True) -> Kind:
    """What the sentence, free of framing and of a leading yes or no, is; `asked` is whether it answers a question."""
    if not any(char.isalnum() for char in text) or asks(text):
        return Kind.NOTHING
    said = rejoined(text[:_HEAD_CHARS]).replace("’", "'")
    if _NOTHING.match(said) or _is_feeling(said) or leaves_open(text, asked):
        return Kind.NOTHING
    if finite_verb(tokens(text)) is not None:
        return Kind.STATEMENT
    if _COURTESY_PHRASE.match(said) or (_UNKNOWN_ALONE.match(said) and len(said.split()) <= _UNKNOWN_WORDS_MAX):
        return Kind.NOTHING
    if (
        not text.isascii()
        and sum(char.isalpha() for char in text) >= _FOREIGN_STATEMENT_CHARS
        and " " not in text.strip()
    ):
        return Kind.STATEMENT
    return Kind.PHRASE
