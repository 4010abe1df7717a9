"""Words around a claim that are no part of it: hedges, greetings, "the document says", "however".

`framing_end` says how far they reach, so that the caller keeps them in the span and leaves them out of the text.
"""

import re

from inference.claims import lexicon as lex
from inference.claims.phrases import is_statement

FRAMES_MAX = 8  # frames before one claim: "Sure! Well, I think that, according to the document, ..."

_DOC = lex.DOCUMENT_WORDS
_THE_DOC = rf"(?:the|this|that|your|my|our)(?: \w+){{0,2}} (?:{_DOC})s?(?: \w+){{0,2}}"
_SAYS = (
    r"(?:says?|states?|stated|mentions?|mentioned|indicates?|shows?|notes?|specifies|specify|confirms?|explains?|"
    r"reads?|"
    r"tells? us|makes? (?:it )?clear|suggests?|implies|claims?|lists?|describes?|requires?)"
)
_GREETING = (
    r"(?:hello|hi|hey|greetings|dear \w+|good (?:morning|afternoon|evening|day))"
    r"(?: there| all| everyone| friend)?\s*[,!.]+"
)
_EXCLAMATION = (
    r"(?:sure(?: thing)?|certainly|of course|absolutely|gladly|great|good question|great question|"
    r"(?:that's|what) an? (?:good|great|interesting|excellent) question|thanks?(?: you)?(?: for \w+(?: "
    r"\w+){0,4})?|happy to help|"
    r"i'?m sorry|i am sorry|sorry|apologies|i apologi[sz]e|okay|ok|alright|right|ah|oh|hmm|well|so|no problem|no "
    r"worries)\s*[,!.:;—–-]+"
)
_BELIEF = (
    r"(?P<belief>(?:i|we)(?: ?'m| am| ?'re| are| ?'d| would| can| do)? (?:(?!not\b)\w+ )?(?:think|believe|guess|"
    r"suppose|assume|feel|say|sure|certain|confident|confirm|know|understand|imagine|reckon|expect|see|afraid|find|mean)"
    r"(?: that)?,?)"
)
_HEDGE = (
    r"(?:"
    r"(?:as|so) far as (?:i|we) (?:know|can tell|am aware|recall|understand),?|to (?:the best of )?(?:my|our) "
    r"knowledge,?|if i recall correctly,?|"
    r"if (?:i'm|i am) not mistaken,?|in (?:my|our) (?:\w+ )?(?:opinion|view|understanding),?|imo,?|imho,?|afaik,?|"
    r"from what i (?:know|can tell|understand),?|"
    r"it (?:seems|appears|looks)(?: to me)?(?: that| like| as if)?,?|apparently,?|presumably,?|perhaps,?|maybe,?|"
    r"probably,?|possibly,|likely,|"
    r"to be (?:honest|clear|precise|fair|exact),?|honestly,|frankly,|actually,?|basically,?|essentially,?|"
    r"generally speaking,|"
    r"simply put,?|obviously,?|clearly,?|naturally,|indeed,|interestingly,?|notably,?|importantly,?|"
    r"surprisingly,?|unfortunately,?|fortunately,?|"
    r"as (?:you|we) (?:may |might )?know,?|as (?:mentioned|stated|noted|expected|you can see)(?: (?:above|earlier|"
    r"before))?,?|"
    r"(?:please )?(?:note|remember|keep in mind|be aware|bear in mind|recall)(?: that)?[,:]?(?= )|"
    r"it (?:is|'s|should be|must be) (?:also )?(?:worth noting|important to note|noted|well known|widely known|"
    r"known|true|a fact|clear|generally accepted|"
    r"worth mentioning|safe to say|correct|obvious|no secret|a well-known fact|widely accepted|commonly known) "
    r"(?:that|to say that)|"
    r"the (?:fact|truth|reality|short story) is(?: that)?,?|did you know(?: that)?(?= )|my friend,|my answer is:?(?= ))"
)
_CONNECTIVE = (
    r"(?:(?:however|but|and|so|also|additionally|moreover|furthermore|therefore|thus|hence|then|finally|"
    r"first(?:ly)?|second(?:ly)?|"
    r"third(?:ly)?|last(?:ly)?|next|meanwhile|consequently|nevertheless|nonetheless|similarly|likewise|besides|"
    r"overall|instead|yet|still|"
    r"for (?:example|instance)|in (?:addition|fact|short|summary|conclusion|brief|general|particular|essence|"
    r"contrast|other words|reality)|"
    r"as a result|on the other hand|on the contrary|that said|that being said|to (?:summari[sz]e|sum up|conclude|"
    r"answer your question|recap)|"
    r"at the same time|of course|in any case|after all|by the way|as always|long story short|tl;?dr),?:|"
    r"(?:however|additionally|moreover|furthermore|therefore|thus|hence|then|finally|first(?:ly)?|second(?:ly)?|"
    r"third(?:ly)?|last(?:ly)?|next|"
    r"meanwhile|consequently|nevertheless|nonetheless|similarly|likewise|besides|overall|instead|yet|still|also|"
    r"so|but|and|"
    r"for (?:example|instance)|in (?:addition|fact|short|summary|conclusion|brief|general|particular|essence|"
    r"contrast|other words|reality)|"
    r"as a result|on the other hand|on the contrary|that said|that being said|to (?:summari[sz]e|sum up|conclude|"
    r"answer your question|recap)|"
    r"at the same time|of course|in any case|after all|by the way|long story short|tl;?dr),|"
    r"(?:and|but|yet|so(?! (?:much|many|far|long|few|little)\b))(?= )|in a word,)"
)
_SOURCE = (
    rf"(?:(?:according to|based on|per|as per|as stated in|as (?:mentioned|described|shown) in|from|in|"
    rf"under) {_THE_DOC}(?: provided| given| above)?\s*[,:]|"
    rf"{_THE_DOC} (?:also |clearly |explicitly |further |only )?{_SAYS}(?: that\b|:|,))"
)
_ANSWER = (
    r"(?:here(?: is|'s| are) (?:the|your|an?|my) (?:\w+ )?(?:answer|response|result|summary|explanation)s?\s*[:.]|"
    r"(?:the |my )?(?:short |final |correct |right |simple |quick |best |direct )?(?:answer|response)(?: to "
    r"(?:your|the|this) question)?(?: is(?: that)?\s*:?|\s*:)|"
    r"a:)"
)
_OF_SOMETHING = re.compile(r"(?:of|about|in|to|if|whether|how|why|what|so)\b", re.I)
_FRAME = re.compile(
    rf"\s*[\"“'‘(]?(?:{_GREETING}|{_EXCLAMATION}|{_SOURCE}|"
    rf"{_ANSWER}|{_BELIEF}|{_HEDGE}|{_CONNECTIVE})(?=\W|\Z)\s*", re.I
)  # fmt: skip
_SAYS_CLAUSE = re.compile(rf"\s*{_THE_DOC} (?:also |clearly |explicitly |further )?{_SAYS} (?=\w)", re.I)
_TAIL_CHARS = 60
_TAIL = re.compile(
    r",?\s+(?:i (?:think|believe|guess|suppose|assume)|(?:as|so) far as i know|to my knowledge|if i (?:recall|"
    r"remember) correctly|"
    r"if i'm not mistaken|in my opinion)(?P<mark>[.!]*)\s*\Z|"
    r",\s+(?:of course|my friend|sir|madam|mate|dear|buddy|folks|right|you know|probably|"
    r"apparently)(?P<end>[.!]*)\s*\Z",
    re.I,
)
_BUT = re.compile(
    r",?\s*[—–-]?\s*\b(?:but|however|although|though|except that),?\s+|\s[—–-]\s+(?:and\s+)?|"
    r"\s?,\s+(?=(?:i|we) (?:just |do |only )?(?:know|think|believe|assume|guess)\b)",
    re.I,
)


def framing_end(text: str, start: int = 0) -> int:
    """Where the framing that begins at `start` ends. What is left may be empty."""
    text = text.replace("’", "'") if "’" in text[start : start + 400] else text
    at = start
    for _ in range(FRAMES_MAX):
        frame = _FRAME.match(text, at)
        if frame is None or (
            frame["belief"] and not _is_believed(frame["belief"], text[frame.end() : frame.end() + _BELIEVED_CHARS])
        ):
            break
        at = frame.end()
    return at


_OPINION = re.compile(
    r"\b(?:think|believe|guess|suppose|assume|reckon|imagine|expect|sure|certain|confident|afraid)\b", re.I
)
_BELIEVED_CHARS = 300  # within which the verb of what is believed comes


def _is_believed(belief: str, rest: str) -> bool:
    """Whether "I know" leads to a statement, or "I think" to an answer; not so in "I know him" and "I see a star"."""
    if belief.endswith((" that", ",")) or is_statement(rest):
        return True
    return _OPINION.search(belief) is not None and not _OF_SOMETHING.match(rest)


def attributed_end(text: str, start: int = 0) -> int:
    """Where "The document says" ends if what follows might be a whole clause; `start` if there is no such lead."""
    said = _SAYS_CLAUSE.match(text, start)
    return said.end() if said else start


def without_tail(text: str) -> str:
    """The sentence without a hedge or address at its end: "Sydney, I think." """
    tail = _TAIL.search(text, max(0, len(text) - _TAIL_CHARS))
    if tail is None or tail.start() == 0:
        return text
    return text[: tail.start()].rstrip() + (tail["mark"] or tail["end"] or "")


def after_but(text: str, start: int, end: int) -> int | None:
    """Where the clause after the first "but" in `text[start:end]` begins; None if there is none."""
    found = _BUT.search(text, start, end)
    return found.end() if found else None
