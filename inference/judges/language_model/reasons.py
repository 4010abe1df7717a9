"""A judgement in words of ours: what it rests on, and how sure the judge is. Pure.

Nothing that the model wrote is in here, only what was found of it: a text under test that talks the model into saying
something says it to nobody.
"""

from collections.abc import Sequence

from inference.explain import REMEMBERED
from inference.judges.language_model.answer import Opinion
from inference.judges.language_model.evidence import Checked
from inference.source_name import source_name
from inference.verdict import Basis, Evidence, Judgement, Label, Tokens

UNSURE_BELOW = 0.75
"""A label less probable than this is said to be unsure."""
NO_PASSAGE = "There is no passage to judge it by."
_NO_ODDS = "Its engine tells no probabilities, so there is no score."


def judgement_of(item: Checked, passages_read: int, statement: str, tokens: Tokens) -> Judgement:
    """The judgement that a checked opinion amounts to. One that decides and can show nothing for it decides nothing."""
    opinion = item.opinion
    if item.unproven:
        reason = (
            f"The judge took it to be {_words(opinion.label)} but could quote nothing for it from what it read, so it "
            "stays open."
        )
        return Judgement(Label.NOT_ENOUGH_EVIDENCE, None, reason, tokens=tokens, statement=statement)
    basis = opinion.basis if opinion.label is not Label.NOT_ENOUGH_EVIDENCE else Basis.EVIDENCE
    parts = [_reason(opinion, basis, item.found, passages_read), _doubt(opinion)]
    return Judgement(opinion.label, opinion.score, " ".join(filter(None, parts)), item.found, basis, tokens, statement)


def nothing_to_read(tokens: Tokens) -> Judgement:
    """For a claim that no passage was found for, where only passages count. The model is not asked: it could quote
    nothing."""
    return Judgement(Label.NOT_ENOUGH_EVIDENCE, None, NO_PASSAGE, tokens=tokens)


def _reason(opinion: Opinion, basis: Basis, found: Sequence[Evidence], passages_read: int) -> str:
    if basis is Basis.MODEL_KNOWLEDGE:
        return f"{_nothing_settles(passages_read)} {REMEMBERED[opinion.label]}"
    if opinion.label is Label.SUPPORTED:
        return f"{_sources(found)} the same."
    if opinion.label is Label.REFUTED:
        return f"{_sources(found)} otherwise."
    return _nothing_settles(passages_read)


def _nothing_settles(passages_read: int) -> str:
    if passages_read == 0:
        return NO_PASSAGE
    if passages_read == 1:
        return "The one passage that the judge read does not settle it."
    return f"None of the {passages_read} passages that the judge read settles it."


def _sources(found: Sequence[Evidence]) -> str:
    names = list(dict.fromkeys(source_name(evidence.passage) for evidence in found))
    said = " and ".join(names)
    return f"{said[0].upper()}{said[1:]} {'says' if len(names) == 1 else 'say'}"


def _doubt(opinion: Opinion) -> str:
    if opinion.odds is None:
        return _NO_ODDS
    share = opinion.odds[opinion.label]
    return f"The judge is unsure: it gives this {share:.0%}." if share < UNSURE_BELOW else ""


def _words(label: Label) -> str:
    return label.value.replace("_", " ")
