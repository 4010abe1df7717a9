"""What is verified in the benchmarks. Fixed texts, so that runs can be compared."""

from dataclasses import dataclass

SECTIONS = 60  # of the document: about 10,000 characters, a contract of four pages
LARGE_DOCUMENT_BYTES = 5_000_000

_SUBJECTS = (
    ("deposit", "euros"),
    ("notice period", "days"),
    ("service fee", "euros"),
    ("storage allowance", "gigabytes"),
    ("delivery time", "hours"),
    ("late fee", "euros"),
)
_CAPITALS = (
    ("France", "Paris"),
    ("Australia", "Canberra"),
    ("Canada", "Ottawa"),
    ("Brazil", "Brasília"),
    ("Turkey", "Ankara"),
    ("Switzerland", "Bern"),
    ("Japan", "Tokyo"),
    ("Spain", "Madrid"),
    ("Italy", "Rome"),
    ("Egypt", "Cairo"),
    ("Germany", "Munich"),
    ("Portugal", "Lisbon"),
    ("Norway", "Oslo"),
    ("Sweden", "Stockholm"),
    ("Poland", "Warsaw"),
    ("Greece", "Athens"),
    ("Ireland", "Dublin"),
    ("Austria", "Vienna"),
    ("Kenya", "Mombasa"),
    ("India", "New Delhi"),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A response to verify, and how many claims are in it."""

    name: str
    claims: int
    prompt: str
    response: str
    document: str | None = None


def _fact(section: int, amount: int) -> str:
    subject, unit = _SUBJECTS[section % len(_SUBJECTS)]
    return f"The {subject} of plan {section} is {amount} {unit}."


def _section(section: int) -> str:
    return (
        f"Section {section}. {_fact(section, 10 + 7 * section)} The customer may change plan {section} at the end of "
        f"each month. Questions about plan {section} are answered by the sales office."
    )


def _capital(country: str, city: str) -> str:
    return f"The capital of {country} is {city}."


DOCUMENT = "\n\n".join(_section(section) for section in range(1, SECTIONS + 1))

# Every fifth of the claims about the document names an amount that the document does not.
_DOCUMENT_CLAIMS = [_fact(section, 10 + 7 * section + (section % 5 == 0)) for section in range(21, 41)]
_GENERAL_CLAIMS = [_capital(country, city) for country, city in _CAPITALS]
_ABOUT_PLANS = "What does the contract say about the plans?"
_ABOUT_CAPITALS = "What are the capitals of these countries?"

TRIVIAL = Sample("nothing to check", 0, "Can you help?", "Happy to help!")
LATENCY_SAMPLES = (
    Sample("1 claim, document", 1, _ABOUT_PLANS, _DOCUMENT_CLAIMS[0], DOCUMENT),
    Sample("20 claims, document", 20, _ABOUT_PLANS, " ".join(_DOCUMENT_CLAIMS), DOCUMENT),
    Sample("1 claim, corpus", 1, _ABOUT_CAPITALS, _GENERAL_CLAIMS[0]),
    Sample("20 claims, corpus", 20, _ABOUT_CAPITALS, " ".join(_GENERAL_CLAIMS)),
)


def large_document_sample() -> Sample:
    """One claim against a document of 5 MB: the same contract with many more sections."""
    sections, size, number = [], 0, 0
    while size < LARGE_DOCUMENT_BYTES:
        number += 1
        sections.append(_section(number))
        size += len(sections[-1]) + 2
    return Sample("1 claim, document of 5 MB", 1, _ABOUT_PLANS, _DOCUMENT_CLAIMS[0], "\n\n".join(sections))


PAGE_SENTENCES = 36  # some 500 words


def page_sample(number: int) -> Sample:
    """A page of some 500 words and a claim about one fact in its middle; each `number` has its own."""
    sentences = [
        f"In week {week} of season {number + 1}, the {_SUBJECTS[week % len(_SUBJECTS)][0]} of the harbour of "
        f"{_CAPITALS[(number + week) % len(_CAPITALS)][1]} was looked at again."
        for week in range(PAGE_SENTENCES)
    ]
    founded = 1700 + number % 300
    sentences[PAGE_SENTENCES // 2] = f"The ferry company Norrland {number} was founded by two brothers in {founded}."
    claim = f"Two brothers founded the ferry company Norrland {number} in {founded + number % 2}."
    return Sample("1 claim, a page", 1, "Who founded the ferry company, and when?", claim, " ".join(sentences))
