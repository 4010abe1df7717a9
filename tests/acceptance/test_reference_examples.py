"""Every example of the service that we reimplement, and its true counterpart, through the server, with no network."""

from typing import Any

import pytest
from starlette.testclient import TestClient

INVOICE = "InvID:INV7701B Co:OptiTech Client:Acme Amt:7116GBP Date:22May25 Due:21Jun25 Terms:N30 Ref:PO451C"
INVOICE_CUT = "InvID:INV7701B Co:OptiTech Client:Acme Amt:7116GBP Date:22May25 Due:21Jun2 Terms:N30 Ref:PO451C"
CONTRACT = (
    "Section 4.2 Employees must work on site at least three days per week and live within 50 miles of headquarters."
)
GENEROUS_CONTRACT = "Section 4.2 Employees may work remotely without restriction, full time, from any location."
VITAMIN_C = "taking large doses of vitamin C has been scientifically proven to cure the common cold within 24 hours."
REMOTE = "This employment contract allows unlimited remote work."
REMOTE_IN_DOCUMENT = "The document says employees can work remotely without restrictions."
ASKED_OF_DOCUMENT = "Does this document say that employees can work remotely full-time?"
ASKED_OF_CONTRACT = "Does this employment contract allow unlimited remote work?"


@pytest.mark.parametrize(
    ("prompt", "output", "context", "verdict"),
    [
        ("Is earth flat?", "Yes, my friend", None, "refuted"),
        ("Is earth flat?", "Yes, 100%.", None, "refuted"),
        ("Is earth flat?", "No, my friend", None, "supported"),
        ("Is earth flat?", "No, the Earth is round.", None, "supported"),
        ("Where is the Eiffel Tower?", "The Eiffel Tower is located in Rome.", None, "refuted"),
        ("Is the Eiffel Tower located in Rome?", "The Eiffel Tower is located in Rome.", None, "refuted"),
        ("Where is the Eiffel Tower?", "The Eiffel Tower is located in Paris.", None, "supported"),
        ("Is the Eiffel Tower located in Rome?", "No, it is located in Paris.", None, "supported"),
        ("Does vitamin C cure the common cold?", f"Yes, {VITAMIN_C}", None, "refuted"),
        ("Does vitamin C cure the common cold?", "No, vitamin C does not cure the common cold.", None, "supported"),
        (
            "Is the Great Wall of China visible from space?",
            "Yes, the Great Wall of China is visible from space with the naked eye.",
            None,
            "refuted",
        ),
        (
            "Is the Great Wall of China visible from space?",
            "No, the Great Wall of China is not visible from space with the naked eye.",
            None,
            "supported",
        ),
        ("What's the invoice date?", "The Invoice date is: May 22, 2025 ", INVOICE, "supported"),
        ("What is the invoice date?", "The Invoice date is: May 22, 2025 ", INVOICE_CUT, "supported"),
        ("What's the invoice date?", "The Invoice date is: May 23, 2025 ", INVOICE, "refuted"),
        ("What is the invoice date?", "The Invoice date is: June 22, 2025 ", INVOICE_CUT, "refuted"),
        (ASKED_OF_CONTRACT, REMOTE, CONTRACT, "refuted"),
        (ASKED_OF_CONTRACT, REMOTE, GENEROUS_CONTRACT, "supported"),
        (ASKED_OF_DOCUMENT, REMOTE_IN_DOCUMENT, CONTRACT, "refuted"),
        (ASKED_OF_DOCUMENT, REMOTE_IN_DOCUMENT, GENEROUS_CONTRACT, "supported"),
        (ASKED_OF_CONTRACT, "Employees must work on site at least three days per week.", CONTRACT, "supported"),
    ],
)
def test_the_examples_of_the_reference_and_their_counterparts_come_out_right(
    client: TestClient, prompt: str, output: str, context: str | None, verdict: str
) -> None:
    asked: dict[str, Any] = {"prompt": prompt, "output": output, "return_search_results": True}
    body = client.post("/v1/verify/reliability", json=asked | ({"context": context} if context else {})).json()
    assert body["verdict"] == verdict, body
    assert body["is_hallucination"] is (verdict != "supported")
    for claim in body["claims"]:
        assert claim["evidence"], claim
        if context:
            assert all(context[e["start"] : e["end"]] == e["quote"] for e in claim["evidence"])
    assert bool(body["search_results"]) is (context is None)
