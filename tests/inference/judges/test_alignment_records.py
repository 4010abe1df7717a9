"""Claims about records of key and value: invoices in three writings."""

import pytest

from inference.judges.alignment.decision import judge_claim
from inference.judges.alignment.records import find_fields, spell_key, spell_value
from inference.verdict import Claim, Judgement, Label, Passage, SourceKind, Span

COMPACT = "InvID:INV7701B Co:OptiTech Client:Acme Amt:7116GBP Date:22May25 Due:21Jun25 Terms:N30 Ref:PO451C"
LINES = """Invoice ID: INV7701B
Company: OptiTech
Client: Acme
Amount: 7116 GBP
Invoice Date: 2025-05-22
Due date: 21 June 2025
Terms: Net 30
Reference: PO451C
"""
TABLE = """| InvID | INV7701B |
| Co | OptiTech |
| Client | Acme |
| Amt | £7,116.00 |
| Date | 22/05/2025 |
| Due | 06/21/2025 |
| Terms | N30 |
| Ref | PO451C |"""

CLAIMS = [
    ("The Invoice date is: May 22, 2025", Label.SUPPORTED),
    ("The invoice date is May 22, 2025.", Label.SUPPORTED),
    ("The invoice date is May 23, 2025.", Label.REFUTED),
    ("The due date is June 21, 2025.", Label.SUPPORTED),
    ("The due date is June 22, 2025.", Label.REFUTED),
    ("The invoice is due on June 21, 2025.", Label.SUPPORTED),
    ("The amount is 7,116 GBP.", Label.SUPPORTED),
    ("The amount is £7116.", Label.SUPPORTED),
    ("The amount is 7116 pounds.", Label.SUPPORTED),
    ("The amount is 7,161 GBP.", Label.REFUTED),
    ("The amount is USD 7116.", Label.REFUTED),
    ("The invoice total is £7,116.", Label.SUPPORTED),
    ("The client is Acme.", Label.SUPPORTED),
    ("The client is OptiTech.", Label.REFUTED),
    ("Payment terms are net 30.", Label.SUPPORTED),
    ("Payment terms are net 60.", Label.REFUTED),
    ("The invoice number is INV7701B.", Label.SUPPORTED),
    ("The invoice number is INV7702B.", Label.REFUTED),
    ("The company is OptiTech.", Label.SUPPORTED),
    ("The purchase order reference is PO451C.", Label.SUPPORTED),
    ("The currency is strong.", Label.NOT_ENOUGH_EVIDENCE),
    ("The invoice was paid.", Label.NOT_ENOUGH_EVIDENCE),
    ("The invoice date is not May 22, 2025.", Label.REFUTED),
    ("The invoice date is not May 23, 2025.", Label.SUPPORTED),
    ("The invoice date is June 21, 2025.", Label.REFUTED),
]


def judged(claim: str, text: str) -> Judgement:
    return judge_claim(Claim(claim, Span(0, len(claim))), [Passage("1", text, SourceKind.DOCUMENT)])


@pytest.mark.parametrize("record", [COMPACT, LINES, TABLE], ids=["compact", "lines", "table"])
@pytest.mark.parametrize(("claim", "label"), CLAIMS)
def test_an_invoice_in_any_writing_gives_the_same_verdict(record: str, claim: str, label: Label) -> None:
    judgement = judged(claim, record)
    assert judgement.label is label, judgement.reason


def test_the_field_that_decides_is_quoted() -> None:
    assert [e.quote for e in judged("The client is Acme.", COMPACT).evidence] == ["Client:Acme"]
    assert [e.quote for e in judged("The client is OptiTech.", LINES).evidence] == ["Client: Acme"]


def test_a_value_cut_off_in_the_middle_decides_nothing() -> None:
    cut = COMPACT[: COMPACT.index("Due:") + len("Due:21Jun2")]
    assert judged("The due date is June 21, 2025.", cut).label is Label.NOT_ENOUGH_EVIDENCE
    assert judged("The invoice date is May 22, 2025.", cut).label is Label.SUPPORTED


def test_a_field_about_another_subject_does_not_refute() -> None:
    record = "Title: Homogenic\nReleased: 22 September 1997\nLabel: One Little Independent"
    assert judged("Homogenic was released in 1997.", record).label is Label.SUPPORTED
    assert judged("Homogenic was released in 1999.", record).label is Label.REFUTED
    assert judged("Vespertine was released in 1999.", record).label is Label.NOT_ENOUGH_EVIDENCE


def test_field_offsets_are_exact() -> None:
    for text in (COMPACT, LINES, TABLE):
        fields = find_fields(text)
        assert len(fields) == 8
        for field in fields:
            assert text[field.value_span.start : field.value_span.end] == field.value
            assert field.value in text[field.span.start : field.span.end]


def test_prose_has_no_fields() -> None:
    assert find_fields("The Louvre is a museum in Paris. It opened in 1793.") == []


def test_short_keys_and_values_are_spelled_out() -> None:
    assert spell_key("InvID") == "invoice id"
    assert spell_key("dueDate") == "due date date"
    assert spell_value("N30") == "net 30 days"
