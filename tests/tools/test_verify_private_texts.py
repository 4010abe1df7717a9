"""What came with a conversation, and a person's own files, are evidence; no search query is ever made of them."""

import json

from inference.admission import Admission
from inference.evidence.model_queries import ModelQueryWriter
from inference.testing.plain_words_judge import PlainWordsJudge
from inference.testing.scripted_model import ScriptedLanguageModel
from inference.testing.scripted_search import ScriptedSearch
from inference.verdict import Passage, SourceKind
from tools.conversation import Message, question_of
from tools.limits import Limits
from tools.question import REST_FIELDS, Question
from tools.verify import Verifier, conclusion

TOWER = "The Eiffel Tower is in Paris."
PRIVATE = "Project Nightingale opens in May. "


class Searching:
    """A verification in two rounds: what the writer of queries was shown, and what the judge read."""

    def __init__(self, *found: Passage) -> None:
        self.writer = ScriptedLanguageModel(['{"1": ["tower city"]}', '{"1": ["tower arrondissement"]}'])
        self.search = ScriptedSearch({"tower city": found})
        self.judge = PlainWordsJudge()

    async def verify(self, question: Question) -> None:
        writer = ModelQueryWriter(self.writer)
        by = Verifier(self.judge, (self.search,), Limits(), Admission(1, 0), writer)
        await conclusion(by.stream(question, REST_FIELDS))

    def shown(self) -> list[str]:
        """The data of each ask, decoded and written out again: no escape hides a word."""
        return [json.dumps(json.loads(ask.turns[1].content)) for ask in self.writer.asked]

    def read(self) -> str:
        return " ".join(passage.text for run in self.judge.runs for item in run for passage in item.passages)


async def test_what_came_with_a_conversation_is_never_shown_to_the_writer_of_queries() -> None:
    searching = Searching()
    await searching.verify(
        question_of(
            [
                Message("system", PRIVATE * 20),
                Message("user", "Hello!"),
                Message("assistant", "Hello."),
                Message("user", f"{PRIVATE * 20} Where is the Eiffel Tower?"),
                Message("tool", PRIVATE),
                Message("assistant", TOWER),
            ]
        )
    )
    assert "Nightingale" in searching.read()
    assert len(searching.shown()) == 2
    for shown in searching.shown():
        assert "Nightingale" not in shown
        assert "Hello!" in shown
    assert searching.search.asked == ["tower city", "tower arrondissement"]


async def test_a_short_question_of_a_conversation_is_shown_to_the_writer_of_queries() -> None:
    searching = Searching()
    question = [Message("tool", PRIVATE), Message("user", "Where is the tower?"), Message("assistant", TOWER)]
    await searching.verify(question_of(question))
    assert "Where is the tower?" in searching.shown()[0]


async def test_of_what_was_found_only_titles_of_web_pages_are_shown_to_the_writer_of_queries() -> None:
    own_file = Passage("corpus/1", PRIVATE, SourceKind.CORPUS, "Nightingale.pdf", "touchstone://corpus/1")
    page = Passage("web/1", "Text of a page.", SourceKind.WEB, "A public page", "https://example.org")
    searching = Searching(own_file, page)
    await searching.verify(Question("Where is it?", TOWER))
    assert "Nightingale" in searching.read()
    assert "A public page" in searching.shown()[1]
    assert not [shown for shown in searching.shown() if "Nightingale" in shown or "Text of a page" in shown]
