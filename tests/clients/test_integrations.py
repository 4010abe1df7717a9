"""The programs of docs/integrations.md, with the newest release of each library, as a reader would run them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.clients.client_program import Program
from tests.clients.conftest import EngineServer
from tests.clients.python_environments import python_with
from tests.clients.upstream import MODEL, Asked, Call, Says

DOCUMENT = Path(__file__).parents[2] / "docs" / "integrations.md"
GREETING = "Hello to you all."
CITY = {"name": "Kathmandu", "country": "Nepal"}
STREAMING = ("LangChain", "LiteLLM", "PydanticAI")


def programs(library: str) -> list[str]:
    """The programs of the section on a library."""
    section = DOCUMENT.read_text(encoding="utf-8").split(f"## {library}\n")[1].partition("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


def written(server: EngineServer, program: str, folder: Path) -> Program:
    """The program, with address, key and model replaced."""
    replaced = {"http://127.0.0.1:3001": server.url, "YOUR_API_KEY": server.key, "Qwen/Qwen3-8B": MODEL}
    for old, new in replaced.items():
        program = program.replace(old, new)
    (folder / "program.py").write_text(program, encoding="utf-8")
    environment = "crewai" if "crewai" in program else "today"
    return Program([python_with(environment), "program.py"], folder)


def answer(body: dict[str, Any]) -> Says:
    """The model: it greets, looks up a number with the tool that it is given, and fills in a schema."""
    results = [message["content"] for message in body["messages"] if message["role"] == "tool"]
    if results:
        return Says(f"{int(results[0]):,} people.")
    if body.get("tools"):
        return Says(calls=(Call("population", {"city": "Kathmandu"}),))
    if body.get("response_format"):
        return Says(json.dumps(CITY))
    return Says(GREETING, held=True)


def assert_tool_was_offered_and_its_result_told(asked: Asked, then: Asked) -> None:
    (tool,) = asked.body["tools"]
    assert tool["function"]["name"] == "population"
    assert tool["function"]["parameters"]["properties"]["city"]["type"] == "string"
    assert then.body["tools"] == asked.body["tools"]
    assert [message["role"] for message in then.messages[-3:]] == ["user", "assistant", "tool"]
    (call,) = then.messages[-2]["tool_calls"]
    assert call["id"] == then.messages[-1]["tool_call_id"] == "call_population_0"
    assert json.loads(call["function"]["arguments"]) == {"city": "Kathmandu"}


@pytest.mark.parametrize("library", STREAMING)
def test_streams_tools_and_structured_output_work(engine_server: EngineServer, library: str, tmp_path: Path) -> None:
    upstream = engine_server.upstream
    upstream.follow(answer)
    with written(engine_server, programs(library)[0], tmp_path).started() as running:
        running.wait_for("Hello")  # the engine has said no more than this
        assert "to" not in running.so_far()
        upstream.release()
        said = running.output().splitlines()
    assert said[:2] == [GREETING, "862,400 people."]
    assert "name='Kathmandu' country='Nepal'" in said[2].replace(", ", " ")
    greeted, asked, then, described = upstream.asked
    assert greeted.body["stream"] is True
    assert_tool_was_offered_and_its_result_told(asked, then)
    schema = described.body["response_format"]["json_schema"]["schema"]
    assert schema["required"] == ["name", "country"]


def test_every_program_of_the_document_is_run() -> None:
    run = {"LangChain": 3, "LiteLLM": 1, "PydanticAI": 1, "CrewAI": 1}
    assert {library: len(programs(library)) for library in run} == run
    assert DOCUMENT.read_text(encoding="utf-8").count("```python") == sum(run.values())


def test_crewai_works_with_tools(engine_server: EngineServer, tmp_path: Path) -> None:
    engine_server.upstream.follow(answer)
    (program,) = programs("CrewAI")
    assert written(engine_server, program, tmp_path).output().splitlines()[-1] == "862,400 people."
    assert_tool_was_offered_and_its_result_told(*engine_server.upstream.asked)


def test_langchain_embeds_with_the_model_that_ships(engine_server: EngineServer, tmp_path: Path) -> None:
    engine_server.upstream.follow(answer)
    assert written(engine_server, programs("LangChain")[1], tmp_path).output() == "384\n"
    assert engine_server.upstream.asked == []


def test_langchain_verifies_a_conversation(engine_server: EngineServer, tmp_path: Path) -> None:
    engine_server.upstream.follow(answer)
    said = written(engine_server, programs("LangChain")[2], tmp_path).output()
    assert said.startswith("Refuted:")
    assert "Eiffel Tower" in said
    assert engine_server.upstream.asked == []
