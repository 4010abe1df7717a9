"""From what the sentences say to what is said of the claim.

The best-aligned sentence decides. Where sentences contradict one another the better one wins, with less confidence,
and both are cited. What no sentence decides is NOT_ENOUGH_EVIDENCE, with the word that is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.judges.alignment.aligned_case import DENIED, SAID, Alignment
from inference.judges.alignment.aligner import align_sentence
from inference.judges.alignment.field_alignment import FieldFinding, align_field
from inference.judges.alignment.matching import match_words
from inference.judges.alignment.passage_reading import PassageReading, Sentence, read_passage
from inference.judges.alignment.reasons import field_reason, reason, shorten
from inference.judges.alignment.statement import Statement, read_statement
from inference.judges.alignment.tokens import CONTENT_WEIGHT, Kind
from inference.judges.alignment.vocabulary import word_set
from inference.verdict import Claim, Evidence, Judgement, Label, Passage, SourceKind, Span

_STATING_WORDS_MIN = 4
"""Words of a value from which on it can be a sentence: "The bridge was opened", not "Acme Holding Ltd"."""
_EVIDENCE_MAX = 3
"""Quotes shown for one side; more of the same convince nobody."""
_TOGETHER_STRENGTH = 0.78
"""How sure a claim is whose words are spread over two sentences of a passage."""
_CONTESTED_LOSS = 0.15
"""What a contradiction in the evidence takes from the confidence of the better side."""
_SCORE_MIN, _SCORE_MAX = 0.03, 0.97
_UNKNOWN_MIN, _UNKNOWN_RANGE = 0.2, 0.25
"""Scores of claims that nothing decides: from 0.2, where nothing is said of them, to 0.45, where nearly all is."""
CLAIM_CHARS_MAX = 2_000
"""A longer claim is no statement; what is beyond is not read, so it is never called supported."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One quote that decides, and why. `strength`: how surely."""

    label: Label
    strength: float
    passage: Passage
    span: Span
    reason: str

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.passage, self.span, self.label)


@dataclass(frozen=True, slots=True)
class PassageAlignment:
    """What one passage says of a claim: what decides, and the nearest sentence if nothing does."""

    findings: tuple[Finding, ...]
    nearest: tuple[Alignment, ...]


def align(claim_text: str, passage: Passage) -> PassageAlignment:
    """Holds a claim against each sentence and field of a passage. Pure."""
    claim = read_statement(claim_text[:CLAIM_CHARS_MAX])
    reading = read_passage(passage.text, passage.title)
    findings, nearest = _from_sentences(claim, passage, reading)
    findings += _from_fields(claim, passage, reading)
    for part in _denied_parts(claim):
        denied, _ = _from_sentences(part, passage, reading)
        findings += [finding for finding in denied if finding.label is Label.REFUTED]
    if not findings:
        findings += _together(claim, passage, reading, nearest)
    return PassageAlignment(tuple(findings), tuple(nearest))


def _from_sentences(
    claim: Statement, passage: Passage, reading: PassageReading
) -> tuple[list[Finding], list[Alignment]]:
    findings, nearest = [], []
    fields = len(reading.fields) > 1
    given = passage.kind is SourceKind.DOCUMENT
    for sentence in reading.sentences:
        if sentence.heading or (sentence.label is not None and not _names(claim, sentence.label)):
            continue
        whole, found = _best_reading(claim, sentence, given)
        if whole.covered:
            nearest.append(whole)
        in_field = fields and _holds_field(sentence, reading)
        in_field = in_field and found is whole
        if found.label is Label.NOT_ENOUGH_EVIDENCE or (in_field and (found.kind != SAID or _spreads(found))):
            continue
        quote = passage.text[sentence.span.start : sentence.span.end]
        findings.append(Finding(found.label, found.strength, passage, sentence.span, reason(found, quote)))
    return findings, nearest


def _denied_parts(claim: Statement) -> list[Statement]:
    """ "Neither A nor B came" is wrong already if A came."""
    words = [token.lower for token in claim.tokens]
    if not words or words[0] != "neither" or "nor" not in words:
        return []
    subject = [token for token in claim.tokens if token.subject]
    nor = words.index("nor")
    if not subject or nor >= len(subject):
        return []
    text, behind = claim.text, claim.text[subject[-1].end :]
    sides = (text[subject[1].start : subject[nor - 1].end], text[claim.tokens[nor].end : subject[-1].end].strip())
    return [read_statement(f"It is not true that {side}{behind}") for side in sides]


def _best_reading(claim: Statement, sentence: Sentence, given: bool) -> tuple[Alignment, Alignment]:
    """What the whole sentence says, and what counts: a smaller statement in it, if one decides, goes first."""
    whole = align_sentence(claim, sentence.statement, sentence.context, given)
    smaller = [align_sentence(claim, view, sentence.context, given) for view in sentence.views] if whole.covered else []
    decided = [found for found in smaller if found.label is not Label.NOT_ENOUGH_EVIDENCE]
    decided = [found for found in decided if not _value_elsewhere(found, whole)]
    if not decided or whole.kind == DENIED:
        return whole, whole
    return whole, max(decided, key=lambda found: found.strength)


def _value_elsewhere(found: Alignment, whole: Alignment) -> bool:
    """Whether a part of a sentence lacks a value that the sentence has in another part."""
    if found.label is not Label.REFUTED or found.value is None:
        return False
    return found.claim.tokens[found.value.mine].lower in {token.lower for token in whole.evidence.tokens}


def _names(claim: Statement, label: Statement) -> bool:
    """Whether the claim names what a row of a table is about."""
    met = match_words(label, claim).at
    return bool(met) and all(at in met for at in label.content() if label.tokens[at].kind is Kind.WORD)


def _holds_field(sentence: Sentence, reading: PassageReading) -> bool:
    met = (f for f in reading.fields if f.span.start < sentence.span.end and sentence.span.start < f.span.end)
    return any(not _states(field.value) for field in met)


def _states(value: str) -> bool:
    """Whether what stands behind a colon is a whole sentence, which says what it says whatever stands before it."""
    tokens = read_statement(value).tokens
    verb = next((at for at, token in enumerate(tokens) if token.verb), len(tokens))
    return len(tokens) >= _STATING_WORDS_MIN and any(token.subject and token.content for token in tokens[:verb])


def _spreads(found: Alignment) -> bool:
    """Whether a "sentence" of key and value meets the claim across fields: the fields themselves say it better."""
    return ":" in found.evidence.text or "=" in found.evidence.text or "|" in found.evidence.text


def _from_fields(claim: Statement, passage: Passage, reading: PassageReading) -> list[Finding]:
    found: list[FieldFinding] = []
    for field in reading.fields:
        finding = align_field(claim, field, reading.record_keys, reading.said)
        if finding is not None:
            found.append(finding)
    if not found:
        return []
    best = max(found, key=lambda finding: (finding.fit, finding.strength))
    if best.label is Label.NOT_ENOUGH_EVIDENCE:
        return []
    return [Finding(best.label, best.strength, passage, best.field.span, field_reason(best))]


def _together(
    claim: Statement, passage: Passage, reading: PassageReading, nearest: Sequence[Alignment]
) -> list[Finding]:
    """The claim's words spread over two sentences on the same subject, none of which denies or differs."""
    by_statement = {id(s.statement): s for s in reading.sentences}
    whole = [a for a in nearest if _says_subject(a) and not any(t.negated for t in a.evidence.tokens)]
    if any(t.negated for t in claim.tokens) or len(whole) < 2 or len(reading.fields) > 1:
        return []
    whole.sort(key=lambda a: -a.covered)
    first = whole[0]
    for second in whole[1:]:
        if _complete(first, second) and not first.hedged and not second.hedged:
            spans = [by_statement[id(a.evidence)].span for a in (first, second)]
            text = " ".join(shorten(passage.text[s.start : s.end]) for s in spans)
            said = f'Two sentences together say it: "{shorten(text)}"'
            return [Finding(Label.SUPPORTED, _TOGETHER_STRENGTH, passage, span, said) for span in spans]
    return []


def _says_subject(found: Alignment) -> bool:
    heads = [at for at, t in enumerate(found.claim.tokens) if t.subject and t.weight >= CONTENT_WEIGHT]
    return bool(heads) and all(at in found.matches.at for at in heads) and found.conflict is None


def _complete(first: Alignment, second: Alignment) -> bool:
    """Whether what the first lacks stands in the second, as a weighty word next to the same subject."""
    lacking = set(first.missing)
    if not lacking or any(first.claim.tokens[at].kind is not Kind.WORD for at in lacking):
        return False
    if first.value is not None and first.value.mine in lacking:
        return False
    return all(second.matches.at.get(at, -1) >= 0 for at in lacking) and first.covered > 0.5


def judge_claim(claim: Claim, passages: Sequence[Passage]) -> Judgement:
    """Judges one claim by the passages, best first. Pure and deterministic."""
    if not passages:
        return Judgement(Label.NOT_ENOUGH_EVIDENCE, _UNKNOWN_MIN, "There is no passage to judge the claim by.")
    aligned = [align(claim.text, passage) for passage in passages]
    findings = [finding for one in aligned for finding in one.findings]
    statement = read_statement(claim.text[:CLAIM_CHARS_MAX])
    if _about_somebody(statement):
        findings = [finding for finding in findings if finding.passage.kind is SourceKind.DOCUMENT]
    if len(claim.text) > CLAIM_CHARS_MAX:
        return _undecided(statement, [], passages)
    if not findings:
        return _undecided(statement, [a for one in aligned for a in one.nearest], passages)
    return _decided(findings)


_SOMEBODY = word_set("he she they my your our his her their its")


def _about_somebody(claim: Statement) -> bool:
    """Whether the claim's subject is a pronoun: what is known in general says nothing of "your cat"."""
    first = claim.tokens[0] if claim.tokens else None
    return first is not None and first.subject and first.lower in _SOMEBODY


def _decided(findings: list[Finding]) -> Judgement:
    best = max(findings, key=lambda f: f.strength)
    same = [f for f in findings if f.label is best.label]
    other = sorted((f for f in findings if f.label is not best.label), key=lambda f: -f.strength)
    ranked = sorted(same, key=lambda f: -f.strength)[:_EVIDENCE_MAX]
    confidence, text = best.strength, best.reason
    if other:
        gap = best.strength - other[0].strength
        confidence = max(0.6, best.strength - _CONTESTED_LOSS + gap)
        text = f"{best.reason} {_contested(best, other[0])}"
        ranked = [*ranked[: _EVIDENCE_MAX - 1], other[0]]
    probability = confidence if best.label is Label.SUPPORTED else 1 - confidence
    score = round(min(_SCORE_MAX, max(_SCORE_MIN, probability)), 4)
    return Judgement(best.label, score, text, tuple(finding.evidence for finding in ranked))


def _contested(best: Finding, other: Finding) -> str:
    quote = shorten(other.evidence.quote)
    side = "against" if best.label is Label.SUPPORTED else "for"
    return f'Another sentence speaks {side} the claim: "{quote}"'


def _undecided(claim: Statement, nearest: Sequence[Alignment], passages: Sequence[Passage]) -> Judgement:
    """Says what is missing: a word that no passage has, or the sentence that comes nearest."""
    best = max(nearest, key=lambda a: a.covered, default=None)
    covered = best.covered if best is not None else 0.0
    score = round(_UNKNOWN_MIN + _UNKNOWN_RANGE * covered, 4)
    met = {at for a in nearest for at in a.matches.at}
    absent = [at for at in claim.content() if at not in met and claim.tokens[at].weight >= CONTENT_WEIGHT]
    if not claim.content():
        return Judgement(Label.NOT_ENOUGH_EVIDENCE, score, "The claim says nothing that can be compared with evidence.")
    if absent:
        return Judgement(Label.NOT_ENOUGH_EVIDENCE, score, f'No passage mentions "{_missing_text(claim, absent[0])}".')
    return Judgement(
        Label.NOT_ENOUGH_EVIDENCE,
        score,
        "The passages use the words of the claim, but no sentence states or denies it.",
    )


def _missing_text(claim: Statement, at: int) -> str:
    token = claim.tokens[at]
    if token.name >= 0 and all(not claim.tokens[i].content or i >= at for i in claim.names[token.name].tokens):
        return claim.names[token.name].text
    return shorten(token.text)
