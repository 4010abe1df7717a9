"""The command line, as a person or a script uses it."""

import json
import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from server.cli import COMMANDS, app
from server.cli.batch import COMMANDS as BATCH_COMMANDS
from server.cli.commands import commands_at, imported
from server.cli.headings import HEADINGS, TO_BEGIN_WITH
from server.settings import ENV_PREFIX, Settings

WALL = ("Is the Great Wall of China visible from space?", "Yes, it is visible from space with the naked eye.")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Runner":
    for name in os.environ:
        if name.startswith(ENV_PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TOUCHSTONE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TOUCHSTONE_WEB_SEARCH", "false")
    return Runner()


class Runner:
    """Calls the command line in this process."""

    def __call__(self, *arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_serve_help_describes_every_setting(run: Runner, name: str) -> None:
    text = " ".join(run("serve", "--help").output.split())
    assert f"--{name.replace('_', '-')}" in text
    assert f"{ENV_PREFIX}{name.upper()}" in text


def headings(told: Result) -> list[str]:
    """Those of a help, after the line that says how the command is called."""
    return [line for line in told.output.splitlines() if line[:1].isalpha()][1:]


def test_every_setting_stands_under_one_heading() -> None:
    assert sorted(name for names in HEADINGS.values() for name in names) == sorted(Settings.model_fields)


def test_serve_help_begins_with_what_matters_first_and_lists_the_rest_by_what_it_is_about(run: Runner) -> None:
    lines = run("serve", "--help").output.splitlines()
    assert headings(run("serve", "--help")) == [*(f"{heading}:" for heading in HEADINGS), "Options:"]
    first = lines[lines.index(f"{TO_BEGIN_WITH}:") : lines.index("Who may call, and how much:")]
    options = [line.split()[0] for line in first if line.startswith("  --")]
    assert options[:5] == ["--sample", "--config", "--host", "--port", "--data-dir"]
    assert len(options) <= 12
    assert max(map(len, lines)) <= 80


def test_what_a_command_asks_for_itself_stands_before_its_settings(run: Runner) -> None:
    assert headings(run("verify", "--help"))[:3] == ["Arguments:", "Options:", f"{TO_BEGIN_WITH}:"]
    assert headings(run("keys", "list", "--help")) == ["Options:"]


def test_help_is_plain_text_on_a_terminal_with_and_without_colours(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = run("serve", "--help").output
    monkeypatch.setenv("NO_COLOR", "1")
    assert run("serve", "--help").output == plain
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert run("serve", "--help").output == plain
    assert plain.isascii()
    assert plain.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "command", ["serve", "worker", "mcp", "verify", "verify-document", "batch", "keys", "corpus", "doctor"]
)
def test_every_command_has_help(run: Runner, command: str) -> None:
    answer = run(command, "--help")
    assert answer.exit_code == 0
    assert command in run("--help").output


@pytest.mark.parametrize("name", COMMANDS | BATCH_COMMANDS)
def test_what_a_command_is_listed_with_is_how_its_own_help_begins(name: str) -> None:
    place = (COMMANDS | BATCH_COMMANDS)[name]
    listed = commands_at({name: place})(name="touchstone").commands[name]
    for chars in (20, 40, 60, 200):
        assert listed.get_short_help_str(chars) == imported(place).get_short_help_str(chars)


def test_a_misspelt_command_is_told_what_it_may_have_meant(run: Runner) -> None:
    answer = run("verifi", "Hello?", "Hi")
    assert answer.exit_code == 2
    assert "Did you mean 'verify'" in answer.stderr


def test_the_version_is_printed(run: Runner) -> None:
    assert re.fullmatch(r"touchstone \d+\.\d+\.\d+\S*\n", run("--version").output)


def test_a_refuted_answer_prints_its_evidence_and_exits_1(run: Runner) -> None:
    answer = run("verify", *WALL)
    assert answer.exit_code == 1
    assert "refuted" in answer.stdout
    assert "not visible from space" in " ".join(answer.stdout.replace("│", " ").split())


def test_an_answer_in_another_language_is_shown_as_not_judged_and_exits_1(run: Runner) -> None:
    answer = run("verify", WALL[0], "Nein, man kann die Chinesische Mauer vom Mond aus nicht sehen.")
    shown = " ".join(answer.stdout.replace("│", " ").split())
    assert answer.exit_code == 1
    assert "not enough evidence, no score" in shown
    assert "not enough evidence, not judged The claim is in German." in shown


def test_a_supported_answer_exits_0(run: Runner) -> None:
    assert run("verify", "Where is the Eiffel Tower?", "The Eiffel Tower is in Paris.").exit_code == 0


def test_the_corrected_answer_is_printed_below_the_verdict_with_its_edits(run: Runner) -> None:
    said = "The Eiffel Tower is in Rome. It was completed in 1889."
    shown = run("verify", "Where is the Eiffel Tower?", said, "--correct")
    assert shown.exit_code == 1
    text = " ".join(shown.stdout.replace("│", " ").split())
    assert text.index("refuted") < text.index("corrected")
    assert "The Eiffel Tower is in Paris. It was completed in 1889." in text
    assert "− Rome + Paris" in text
    body = json.loads(run("verify", "Where is the Eiffel Tower?", said, "--correct", "--json").stdout)
    assert body["correction"]["text"] == "The Eiffel Tower is in Paris. It was completed in 1889."
    assert "correction" not in json.loads(run("verify", "Where is the Eiffel Tower?", said, "--json").stdout)


def test_a_right_answer_has_nothing_to_correct_and_a_wrong_one_has_nothing_left(run: Runner) -> None:
    right = run("verify", "Where is the Eiffel Tower?", "The Eiffel Tower is in Paris.", "--correct").stdout
    assert "nothing to correct" in right
    assert "Nothing is left" in run("verify", *WALL, "--correct").stdout


def test_json_is_what_the_rest_endpoint_answers(run: Runner) -> None:
    body = json.loads(run("verify", *WALL, "--json").stdout)
    assert body["is_hallucination"] is True
    assert body["search_results"]


def test_a_document_is_read_from_a_file(run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "invoice.txt"
    file.write_text("Invoice date: 22 May 2025. Total: 7,116 GBP.")
    question = ("What is the invoice date?", "The invoice date is May 22, 2025.")
    assert run("verify-document", file, *question).exit_code == 0
    assert run("verify-document", file, question[0], "The invoice date is May 23, 2025.").exit_code == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.txt", None, "could not be read"),
        ("empty.txt", b"", "empty"),
        ("a.exe", b"MZ", "not read"),
        ("b.txt", b"\xff", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_exits_2_and_says_why(
    run: Runner, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    answer = run("verify-document", file, "q", "The tower is red.")
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert name in answer.stderr


def test_blank_input_exits_2_and_names_the_argument(run: Runner) -> None:
    answer = run("verify", "Question?", "  ")
    assert (answer.exit_code, "RESPONSE is blank" in answer.stderr) == (2, True)


def test_a_wrong_setting_exits_2_and_names_it(run: Runner) -> None:
    answer = run("serve", "--port", "many")
    assert answer.exit_code == 2
    assert "port" in answer.stderr
    assert "'many'" in answer.stderr


def test_an_open_address_without_keys_is_refused(run: Runner) -> None:
    answer = run("serve", "--host", "0.0.0.0")
    assert answer.exit_code == 2
    assert "TOUCHSTONE_API_KEYS" in answer.stderr


def test_a_misspelt_variable_is_pointed_out(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHSTONE_PROT", "1")
    assert "TOUCHSTONE_PROT" in run("verify", "Hello?", "Happy to help!").stderr


def test_files_are_added_listed_searched_used_and_removed(run: Runner, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "cats.md").write_text("# Cats\n\nOur office cat Mimi was adopted in March 2019.")
    (notes / "picture.png").write_bytes(b"\x89PNG")
    added = run("corpus", "add", notes)
    assert added.exit_code == 0
    assert "cats.md" in added.stdout
    assert "unchanged" in run("corpus", "add", notes).stdout
    assert [d["title"] for d in json.loads(run("corpus", "list", "--json").stdout)] != []
    assert "Mimi" in run("corpus", "search", "office cat").stdout
    assert run("verify", "When was Mimi adopted?", "The office cat Mimi was adopted in March 2019.").exit_code == 0
    assert run("verify", "When was Mimi adopted?", "The office cat Mimi was adopted in March 2021.").exit_code == 1
    assert run("corpus", "remove", notes / "cats.md").exit_code == 0
    assert "empty" in run("corpus", "list").stdout


def test_adding_nothing_exits_2(run: Runner, tmp_path: Path) -> None:
    assert run("corpus", "add", tmp_path / "nowhere").exit_code == 2
    assert run("corpus", "remove", tmp_path / "nowhere").exit_code == 2


def test_a_corrupt_corpus_exits_2_and_names_the_file(run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "data" / "corpus.sqlite3"
    file.parent.mkdir()
    file.write_bytes(b"this is no database" * 100)
    for command in (("corpus", "list"), ("corpus", "search", "x"), ("verify", *WALL)):
        answer = run(*command)
        assert answer.exit_code == 2, command
        assert str(file) in answer.stderr.replace("\n", "")
