"""Claims beside whole documents that people paste: a policy, an e-mail, a manual, a news item, a table, minutes.

The documents are written for this project. Each claim says one thing; the documents say other things around it.
"""

# ruff: noqa: E501  a pair a line reads better than wrapped

import pytest

from inference.judges.alignment.decision import judge_claim
from inference.verdict import Claim, Judgement, Label, Passage, SourceKind, Span

POLICY = """TRAVEL AND EXPENSE POLICY
1. Scope. This policy applies to all permanent staff of Harbor Glass Ltd ("the Company").
2. Booking. Flights must be booked at least 14 days before departure. Business class is not permitted on flights shorter than six hours.
3. Meals. The daily meal allowance is 45 euros in Europe and 60 euros elsewhere. Alcohol is not reimbursed.
4. Hotels. Employees may stay in hotels that cost up to 180 euros per night.
5. Claims. Expense claims must be submitted within 20 days of the trip. Claims above 500 euros require approval from the finance director, Helena Brandt.
6. Private cars may be used only with the written approval of a manager."""
EMAIL = """From: Daniel Osei
To: Project team
Subject: Move to the new office

Hi all, we will move to the new office at 22 Canal Street on Monday, 14 October. The movers arrive at 8 am. Please pack your desks by Friday afternoon. Parking is free for the first month. The canteen will not open before November. Fatima is in charge of the keys; Viktor orders the furniture. The rent is 12% lower than in the old building. Nobody has to work on the day of the move."""
MANUAL = """The CleanJet 300 holds 1.5 litres of water and weighs 4.2 kg. Charge the battery for 3 hours before first use. The battery lasts 40 minutes on low power and 18 minutes on high power. Do not immerse the motor unit in water. The filter should be washed every two weeks and replaced once a year. The warranty covers manufacturing defects for 24 months but does not cover damage caused by misuse. The brush can be washed in the dishwasher. A red light means that the tank is empty, and a green light means that the device is ready."""
NEWS = """Council approves new tram line. The city council of Varnsted voted 31 to 14 on Tuesday to build a tram line between the central station and the university. The line will be 7.8 kilometres long and will have 12 stops. Construction is expected to begin in spring 2026 and to cost 240 million crowns. Mayor Ingrid Solheim said the line would replace two bus routes. Opposition leader Peter Dahl criticised the plan because no study of noise had been carried out. The old tram line was closed in 1967. Ticket prices rose from 30 to 34 crowns in January."""
MINUTES = """Board meeting of the Larkfield Allotment Society
Date: 9 March 2025
Present: Ruth Adeyemi (chair), Colin Marsh (treasurer), Wen Li (secretary)
Apologies: Marta Kovacs

The treasurer reported a balance of £3,210, down from £4,050 in 2024. The waiting list has grown to 48 people. It was agreed to repair the fence before May. A proposal to allow chickens was rejected. Ruth will ask the water company for a quote. The annual fee stays at £35. Wen did not support the increase of the key deposit. The next meeting takes place on 11 May at the Fox Inn."""
STUDY = """We followed 1,204 nurses in six hospitals over five years. Night work was associated with a higher risk of back pain, but not with migraine. Of the participants, 82% were women. Nurses who walked to work reported fewer sick days than those who drove. Back pain was reported by 31% of nurses on night shifts and by 22% of nurses on day shifts. The study was funded by the Osterman Foundation. The funder had no role in the analysis. Blood samples were not taken."""
STOCK = """Course | Teacher | Seats | Fee
Pottery | Amal Haddad | 12 | 95 USD
Watercolour | Jonas Weiss | 20 | 60 USD
Wood carving | Nora Quist | 8 | 140 USD"""
INCIDENT = """Incident report 2025-118. On 3 February at 02:40 the cooling pump in hall B failed. The backup pump started after 90 seconds. Two servers were damaged and eleven were shut down as a precaution. No data was lost. Technician Ewa Nowak replaced the pump at 05:15; the repair cost 2,300 euros. The alarm did not sound because its battery was empty. Customers were informed by e-mail the same morning. Hall A was not affected."""
SCHOOL = """Dear parents, the summer fair will be held on Saturday 21 June from 11 am to 4 pm in the school garden. Entry costs 3 dollars for adults; children enter free. Dogs are not allowed. Mrs Okoye, the head teacher, will open the fair. Class 5 sells cakes and class 6 runs the book stall. If it rains, the fair moves to the gym. Last year the fair raised 1,850 dollars, and this year we hope for 2,500 dollars. Please bring reusable cups, since disposable cups will not be provided."""
SALE = """PURCHASE CONTRACT between Lindgren Boats AB ("the Seller") and Mateo Ferrer ("the Buyer").
2.1 The price of the boat is EUR 64,000, payable in two instalments. The first instalment of EUR 24,000 is due on signing.
2.2 The Seller delivers the boat to the port of Kalmar no later than 15 May 2026.
3. Warranty. The hull is guaranteed for five years and the engine for two years.
4. The Buyer bears the cost of insurance after delivery. The Seller is not liable for normal wear.
5. This contract is governed by Swedish law."""
CSV = """City,Branches,Manager,Opened
Graz,4,Lena Hofer,2011
Linz,7,Paul Egger,2015
Salzburg,3,Mira Novak,2019"""
PAPERS = {
    "incident": INCIDENT, "school": SCHOOL, "sale": SALE, "csv": CSV,
    "policy": POLICY, "email": EMAIL, "manual": MANUAL, "news": NEWS, "minutes": MINUTES, "study": STUDY, "table": STOCK,
}  # fmt: skip

S, R, N = Label.SUPPORTED, Label.REFUTED, Label.NOT_ENOUGH_EVIDENCE

PAIRS = [
    ("policy", "Flights must be booked at least 14 days before departure.", S),
    ("policy", "Flights must be booked at least 7 days before departure.", R),
    ("policy", "Business class is permitted on flights shorter than six hours.", R),
    ("policy", "The daily meal allowance in Europe is 45 euros.", S),
    ("policy", "The daily meal allowance in Europe is 60 euros.", R),
    ("policy", "Alcohol is reimbursed.", R),
    ("policy", "Expense claims must be submitted within 20 days of the trip.", S),
    ("policy", "Expense claims must be submitted within 30 days of the trip.", R),
    ("policy", "The finance director is Helena Brandt.", S),
    ("policy", "The finance director is Oscar Lind.", R),
    ("policy", "Private cars may be used without approval.", R),
    ("policy", "The Company pays for train tickets in first class.", N),
    ("email", "The new office is at 22 Canal Street.", S),
    ("email", "The team will move on 14 October.", S),
    ("email", "The team will move on 21 October.", R),
    ("email", "The movers arrive at 8 am.", S),
    ("email", "The movers arrive at 10 am.", R),
    ("email", "Parking is free for the first month.", S),
    ("email", "Viktor is in charge of the keys.", R),
    ("email", "Fatima is in charge of the keys.", S),
    ("email", "The rent is 12% higher than in the old building.", R),
    ("email", "The office has a gym.", N),
    ("manual", "The CleanJet 300 weighs 4.2 kg.", S),
    ("manual", "The CleanJet 300 weighs 2.4 kg.", R),
    ("manual", "The battery lasts 18 minutes on high power.", S),
    ("manual", "The battery lasts 40 minutes on high power.", R),
    ("manual", "The warranty covers damage caused by misuse.", R),
    ("manual", "The warranty covers manufacturing defects for 24 months.", S),
    ("manual", "The warranty covers manufacturing defects for 12 months.", R),
    ("manual", "The brush can be washed in the dishwasher.", S),
    ("manual", "The filter is made of paper.", N),
    ("news", "The tram line will have 12 stops.", S),
    ("news", "The tram line will have 15 stops.", R),
    ("news", "The mayor is Ingrid Solheim.", S),
    ("news", "The mayor is Peter Dahl.", R),
    ("news", "Construction is expected to begin in 2026.", S),
    ("news", "Construction is expected to cost 420 million crowns.", R),
    ("news", "The old tram line was closed in 1967.", S),
    ("news", "Ticket prices fell to 34 crowns in January.", R),
    ("news", "The trams are built in Spain.", N),
    ("minutes", "Colin Marsh is the treasurer.", S),
    ("minutes", "Wen Li is the treasurer.", R),
    ("minutes", "The balance is £3,210.", S),
    ("minutes", "The balance is £4,050.", R),
    ("minutes", "The proposal to allow chickens was accepted.", R),
    ("minutes", "The annual fee is £35.", S),
    ("minutes", "The annual fee is £53.", R),
    ("minutes", "Colin will ask the water company for a quote.", R),
    ("minutes", "The next meeting takes place on 18 May.", R),
    ("minutes", "The society bought a new mower.", N),
    ("study", "The study included 1,204 nurses.", S),
    ("study", "The study included 1,402 nurses.", R),
    ("study", "82% of the participants were women.", S),
    ("study", "Back pain was reported by 31% of nurses on night shifts.", S),
    ("study", "Back pain was reported by 31% of nurses on day shifts.", R),
    ("study", "The study was funded by the Osterman Foundation.", S),
    ("study", "Blood samples were taken.", R),
    ("study", "Night work was associated with a lower risk of back pain.", R),
    ("study", "The nurses were paid for taking part.", N),
    ("table", "The pottery course costs 95 USD.", S),
    ("table", "The pottery course costs 140 USD.", R),
    ("table", "Jonas Weiss teaches watercolour.", S),
    ("table", "The teacher of the wood carving course is Amal Haddad.", R),
    ("table", "The watercolour course has 20 seats.", S),
    ("table", "The pottery course takes place on Monday.", N),
    ("incident", "The cooling pump in hall B failed on 3 February.", S),
    ("incident", "The cooling pump in hall B failed on 5 February.", R),
    ("incident", "The backup pump started after 90 seconds.", S),
    ("incident", "The backup pump started after 60 seconds.", R),
    ("incident", "Three servers were damaged.", R),
    ("incident", "Eleven servers were damaged.", R),
    ("incident", "Data was lost.", R),
    ("incident", "The repair cost 2,300 euros.", S),
    ("incident", "The alarm sounded.", R),
    ("incident", "Hall A was affected.", R),
    ("incident", "The police were called.", N),
    ("school", "The summer fair will be held on 21 June.", S),
    ("school", "The summer fair will be held on 28 June.", R),
    ("school", "Entry costs 3 dollars for adults.", S),
    ("school", "Entry costs 5 dollars for adults.", R),
    ("school", "Dogs are allowed.", R),
    ("school", "The head teacher is Mrs Okoye.", S),
    ("school", "Last year the fair raised 2,500 dollars.", R),
    ("school", "Disposable cups will be provided.", R),
    ("school", "There will be a lottery.", N),
    ("sale", "The Buyer is Mateo Ferrer.", S),
    ("sale", "The Seller is Mateo Ferrer.", R),
    ("sale", "The price of the boat is EUR 64,000.", S),
    ("sale", "The price of the boat is EUR 46,000.", R),
    ("sale", "The first instalment is EUR 24,000.", S),
    ("sale", "The engine is guaranteed for five years.", R),
    ("sale", "The hull is guaranteed for five years.", S),
    ("sale", "The Seller bears the cost of insurance after delivery.", R),
    ("sale", "The Seller is liable for normal wear.", R),
    ("sale", "The boat has two cabins.", N),
    ("csv", "There are 7 branches in Linz.", S),
    ("csv", "There are 4 branches in Salzburg.", R),
]  # fmt: skip

BEYOND = [
    ("manual", "A red light means that the device is ready.", R),
    ("news", "The city council rejected the tram line.", R),
    ("minutes", "Marta Kovacs sent apologies.", S),
    ("csv", "The manager of the Graz branches is Lena Hofer.", S),
    ("csv", "The branches in Graz opened in 2015.", R),
]  # fmt: skip
"""What takes more than laying words beside words: it may stay open, but must not come out the wrong way."""


def judged(paper: str, claim: str) -> Judgement:
    passage = Passage("p", PAPERS[paper], SourceKind.DOCUMENT)
    return judge_claim(Claim(claim, Span(0, len(claim))), [passage])


@pytest.mark.parametrize(("paper", "claim", "label"), PAIRS)
def test_a_document_decides_what_it_says_and_nothing_else(paper: str, claim: str, label: Label) -> None:
    assert judged(paper, claim).label is label


@pytest.mark.parametrize(("paper", "claim", "label"), BEYOND)
def test_what_is_beyond_the_rules_is_never_turned_round(paper: str, claim: str, label: Label) -> None:
    assert judged(paper, claim).label in {label, N}


def test_a_section_title_is_no_evidence() -> None:
    passage = Passage("p", "2. Term.\n7. Subletting.", SourceKind.DOCUMENT)
    for claim in ("The tenant is Jordan Alvarez.", "The tenant cannot sublet.", "Subletting is allowed."):
        assert judge_claim(Claim(claim, Span(0, len(claim))), [passage]).label is N


def test_a_quote_is_the_whole_sentence_even_where_a_part_of_it_decides() -> None:
    judgement = judged("school", "Disposable cups will be provided.")
    assert judgement.evidence[0].quote == ("Please bring reusable cups, since disposable cups will not be provided.")


def test_what_is_known_in_general_says_nothing_of_somebody_unnamed() -> None:
    claim = "Your cat is not a mammal."
    passage = Passage("p", "The cat is a mammal.", SourceKind.CORPUS)
    assert judge_claim(Claim(claim, Span(0, len(claim))), [passage]).label is N


@pytest.mark.parametrize(
    ("claim", "sentence", "label"),
    [
        ("Neither Alice nor Bob attended.", "Alice attended.", R),
        ("Alice attended.", "Neither Alice nor Bob attended.", R),
        ("Antibiotics do not work against viruses.", "Antibiotics are not effective against viruses.", S),
        ("Antibiotics work against viruses.", "Antibiotics are not effective against viruses.", R),
        ("Whales are fish.", "The whale shark is the largest fish.", N),
        ("There are 8 bits in a byte.", "Half a byte, or 4 bits, is called a nibble.", N),
        ("The Sahara is the largest desert.", "The Sahara is the largest hot desert.", N),
        ("The longest river in Asia is the Yangtze.", "The longest river in Europe is the Volga.", N),
        ("The bridge was completed in 1889.", "Another bridge overtook it in 1930.", N),
        ("Your cat's name is Whiskers.", "Milk is not good for most adult cats.", N),
        ("The deposit is refundable within 60 days.", "The deposit is refundable within 30 days.", R),
        ("Visitors may park without a permit.", "Visitors may park only with a permit.", R),
        ("All of China was conquered.", "Most of Eurasia and China was conquered.", N),
    ],
)
def test_a_sentence_is_not_read_for_more_than_it_says(claim: str, sentence: str, label: Label) -> None:
    passage = Passage("p", sentence, SourceKind.DOCUMENT)
    assert judge_claim(Claim(claim, Span(0, len(claim))), [passage]).label is label


@pytest.mark.parametrize("mark", ["|", "\t", ",", ";"])
def test_a_table_says_the_same_however_its_cells_are_parted(mark: str) -> None:
    rows = [("City", "Branches", "Manager"), ("Graz", "4", "Lena Hofer"), ("Linz", "7", "Paul Egger")]
    passage = Passage("p", "\n".join(mark.join(row) for row in rows), SourceKind.DOCUMENT)
    for claim, label in (("There are 7 branches in Linz.", S), ("There are 4 branches in Linz.", R)):
        assert judge_claim(Claim(claim, Span(0, len(claim))), [passage]).label is label


def test_a_word_inside_a_name_is_not_done_by_anybody() -> None:
    judged = judge_claim(
        Claim("The Eiffel Tower was completed in 1889.", Span(0, 1)),
        [
            Passage("1", "The Chrysler Building in New York overtook the Eiffel Tower in 1930.", SourceKind.CORPUS),
            Passage("2", "The Eiffel Tower was completed in 1889.", SourceKind.CORPUS),
        ],
    )
    assert judged.label is Label.SUPPORTED
    assert "1930" not in judged.reason


def test_a_one_that_counts_nothing_refutes_no_count() -> None:
    passage = Passage("1", "Write short lines, one or two at a time, in the words of the reader.", SourceKind.DOCUMENT)
    judged = judge_claim(Claim("A line is one passage of 15 to 110 words.", Span(0, 1)), [passage])
    assert judged.label is Label.NOT_ENOUGH_EVIDENCE
