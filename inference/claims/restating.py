"""Whether a full sentence after "yes" or "no" says again what the yes or no says.

Then it makes one claim; otherwise ("Is Paris in Germany?" "Yes, it is in Europe.") the yes is a claim of its own.
"""

from inference.claims import lexicon as lex
from inference.claims import verbs
from inference.text.words import words

# Of the words of the question's statement that the sentence must hold: three in five leaves room for paraphrase.
_SHARE = 0.6
_EMPTY = (
    lex.DETERMINERS | lex.PREPOSITIONS | verbs.AUXILIARIES | lex.PRONOUNS | {"not", "and", "or", "cannot", "be", "been"}
)
_DENIALS = ("not", "n't", "never", "cannot", "no", "false", "myth", "isn't")


def restates(stated: str, said: str, agrees: bool) -> bool:
    """Whether `said` holds most of the words of `stated`, with the polarity of the answer."""
    if not stated:
        return True
    wanted = {word.stem for word in words(stated) if word.surface.lower() not in _EMPTY}
    held = {word.stem for word in words(said)}
    return _denies(said) is not agrees and len(wanted & held) >= _SHARE * len(wanted)


def _denies(said: str) -> bool:
    lowered = {word.surface.lower().replace("’", "'") for word in words(said)}
    return any(denial in lowered for denial in _DENIALS) or any(word.endswith("n't") for word in lowered)
