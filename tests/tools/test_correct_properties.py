"""What holds of the correction of any response: read anew, it makes no claim that the judge does not support."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from inference.claims.extract import extract_claims
from inference.correction.edit import Correction, applied
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.verdict import ClaimVerdict, Evidence, Judgement, Label, Passage, Provenance, SourceKind, Span
from tools.correct import corrected
from tools.question import Question

_SENTENCES = [
    "The tower is in Rome.", "It is old.", "It was built in 1889, and it is red.", "Anna Holm built it.",
    "However, its roof is flat.", "Yes.", "No, it is in Lyon.", "I hope this helps!", "Is it tall?", "She lived there.",
    "**The bridge is long.**", "**The bridge is wide. It is new.**",
    "The sea is deep; the bay is wide; the hill is high.",
    "According to the document, the bridge is long, but it's closed.",
]  # fmt: skip
_BLOCKS = st.one_of(
    st.lists(st.sampled_from(_SENTENCES), min_size=1, max_size=5).map(" ".join),
    st.lists(st.sampled_from(_SENTENCES), min_size=1, max_size=4).map(lambda said: "\n".join(f"- {s}" for s in said)),
    st.lists(st.sampled_from(_SENTENCES), min_size=1, max_size=4).map(
        lambda said: "The tower has:\n\n" + "\n".join(f"{'  ' * (n % 3)}{n + 1}. {s}" for n, s in enumerate(said))
    ),
    st.sampled_from(
        [
            "# Tower",
            "## Bridge",
            "**Facts**",
            "```python\nx = 1\n```",
            "---",
            "Key facts:\n- Height: 330 m\n- Colour: red",
        ]
    ),
    st.just("| City | Land |\n|---|---|\n| Paris | France |\n| Rome | Italy |"),
)
_RESPONSE = st.lists(_BLOCKS, min_size=1, max_size=6).map("\n\n".join)
_PROMPT = st.sampled_from(["Is the tower in Paris?", "Where is the tower?", "Tell me more.", "Who built the bridge?"])


class HashJudge:
    """Judges each text by its hash: always the same, whatever stands around it."""

    name = "hash"
    provenance = Provenance("hash", "")
    passages_per_claim: int | None = None

    def __init__(self, salt: int) -> None:
        self._salt = salt

    def says(self, text: str) -> Judgement:
        evidence = Evidence(Passage("p", "Words.", SourceKind.DOCUMENT), Span(0, 6), Label.SUPPORTED)
        if zlib.crc32(text.encode(), self._salt) % 3:
            return Judgement(Label.SUPPORTED, 0.9, "Yes.", (evidence,))
        return Judgement(Label.NOT_ENOUGH_EVIDENCE, 0.4, "Unknown.")

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        for item in claims:
            yield self.says(item.claim.text)

    async def check(self) -> None:
        return


def correction(prompt: str, response: str, judge: HashJudge) -> Correction:
    judged = [ClaimVerdict(claim, judge.says(claim.text)) for claim in extract_claims(prompt, response)]
    return asyncio.run(corrected(Question(prompt, response), judged, [], judge, 3))


@settings(max_examples=150, deadline=None)
@given(_PROMPT, _RESPONSE, st.integers(0, 1000))
def test_all_that_is_left_is_supported(prompt: str, response: str, salt: int) -> None:
    judge = HashJudge(salt)
    found = correction(prompt, response, judge)
    assert applied(response, found.edits) == found.text
    left = extract_claims(prompt, found.text)
    assert [claim.text for claim in left if judge.says(claim.text).label is not Label.SUPPORTED] == []


@settings(max_examples=50, deadline=None)
@given(_PROMPT, _RESPONSE, st.integers(0, 1000))
def test_a_corrected_response_has_nothing_to_correct(prompt: str, response: str, salt: int) -> None:
    judge = HashJudge(salt)
    text = correction(prompt, response, judge).text
    assert correction(prompt, text, judge) == Correction(text, ())
