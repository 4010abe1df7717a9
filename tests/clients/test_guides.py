"""The reference's integration guides, run with the real libraries against a server whose models an engine serves.

The scripts in guides/ are those of the guides to the letter. What a reader replaces is replaced: address, key and name
of the model, and in the weather agent the keys of two outside services by None, for which it has answers of its own.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.clients.client_program import Program
from tests.clients.conftest import EngineServer
from tests.clients.python_environments import python_with
from tests.clients.upstream import MODEL, Call, Says

GUIDES = Path(__file__).with_name("guides")
COORDINATES = {"lat": 51.5072, "lng": 0.1276}
FORECAST = "It's 21°C (70°F) and Sunny in Paris."
REPLACED = {
    "klusterai/Meta-Llama-3.1-8B-Instruct-Turbo": MODEL,
    "klusterai/Meta-Llama-3.3-70B-Instruct-Turbo": MODEL,
    "'INSERT_WEATHER_API_KEY'": "None",
    "'INSERT_GEO_API_KEY'": "None",
}


@pytest.fixture
def guides(engine_server: EngineServer, tmp_path: Path) -> Path:
    """A folder with the scripts, filled in as a reader would."""
    replaced = REPLACED | {
        "https://api.kluster.ai": engine_server.url,
        "INSERT_KLUSTER_API_KEY": engine_server.key,
        "INSERT_API_KEY": engine_server.key,
    }
    for guide in GUIDES.glob("*.py"):
        (tmp_path / guide.name).write_text(_filled_in(guide.read_text(encoding="utf-8"), replaced), encoding="utf-8")
    return tmp_path


def _filled_in(script: str, replaced: Mapping[str, str]) -> str:
    for old, new in replaced.items():
        script = script.replace(old, new)
    return script


def by_question(answers: Mapping[str, str]) -> Any:
    """A script for the engine: the answer whose question is part of the last message."""

    def answer(body: dict[str, Any]) -> Says:
        last = body["messages"][-1]["content"]
        return Says(next(answer for question, answer in answers.items() if question in last))

    return answer


def test_langchain_asks_a_question(engine_server: EngineServer, guides: Path) -> None:
    engine_server.upstream.follow(by_question({"Nepal": "Kathmandu."}))
    Program([python_with("guides"), "langchain_quick_start.py"], guides).output()
    (asked,) = engine_server.upstream.asked
    assert asked.messages == [{"role": "user", "content": "What is the capital of Nepal?"}]
    assert asked.body["model"] == MODEL


def test_langchain_holds_a_conversation(engine_server: EngineServer, guides: Path) -> None:
    engine_server.upstream.follow(by_question({"Kathmandu": "It has many temples.", "population": "About a million."}))
    said = Program([python_with("guides"), "langchain_advanced.py"], guides).output()
    assert "Response 1: It has many temples.\n" in said
    assert "Response 2: About a million.\n" in said
    _, second = engine_server.upstream.asked
    assert [message["role"] for message in second.messages] == ["system", "user", "assistant", "user"]
    assert second.messages[2]["content"] == "It has many temples."


def test_litellm_asks_a_question(engine_server: EngineServer, guides: Path) -> None:
    engine_server.upstream.follow(by_question({"California": "Sacramento."}))
    said = Program([python_with("today"), "litellm_hello.py"], guides).output()
    assert f"model='{MODEL}'" in said
    assert "content='Sacramento.'" in said
    assert "prompt_tokens=7, total_tokens=8" in said
    (asked,) = engine_server.upstream.asked
    assert asked.body["max_tokens"] == 1000


def test_litellm_streams_and_goes_on_with_what_was_streamed(engine_server: EngineServer, guides: Path) -> None:
    def answer(body: dict[str, Any]) -> Says:
        return Says("Gold drew people west.", held=True) if body.get("stream") else Says("Minute one: the find.")

    engine_server.upstream.follow(answer)
    with Program([python_with("today"), "litellm_conversation.py"], guides).started() as running:
        running.wait_for("Gold")  # the engine has said no more than this
        assert "drew" not in running.so_far()
        engine_server.upstream.release()
        said = running.output()
    assert "Gold drew people west.\n" in said
    assert "Minute one: the find.\n" in said
    first, second = engine_server.upstream.asked
    assert first.body["stream"] is True
    assert second.messages[:-1] == [*first.messages, {"role": "assistant", "content": "Gold drew people west."}]


def test_pydantic_ai_asks_a_question(engine_server: EngineServer, guides: Path) -> None:
    engine_server.upstream.follow(by_question({"confirm": "Hello! Yes, it works."}))
    said = Program([python_with("guides"), "pydantic_ai_quick_start.py"], guides).output()
    assert said == "Response: Hello! Yes, it works.\n"


def test_pydantic_ais_weather_agent_calls_its_tools_in_turn(engine_server: EngineServer, guides: Path) -> None:
    engine_server.upstream.follow(_weather)
    program = Program([python_with("guides"), "pydantic_ai_weather_agent.py"], guides)
    said = program.output(stdin="What is the weather in Paris?\nquit\n")
    assert f"Result: {FORECAST}" in said
    assert "Goodbye!" in said
    first, second, third = engine_server.upstream.asked
    assert [_schema(tool) for tool in first.body["tools"]] == [
        ("get_lat_lng", {"location_description": "string"}),
        ("get_weather", {"lat": "number", "lng": "number"}),
    ]
    assert _tool_results(first.messages) == {}
    assert _tool_results(second.messages) == {"call_get_lat_lng_0": COORDINATES}
    weather = {"temperature": "21°C (70°F)", "description": "Sunny"}
    assert _tool_results(third.messages) == {"call_get_lat_lng_0": COORDINATES, "call_get_weather_0": weather}


def _weather(body: dict[str, Any]) -> Says:
    """The model of the weather agent: it looks up the place, then the weather there, then speaks."""
    results = _tool_results(body["messages"])
    if "call_get_lat_lng_0" not in results:
        return Says(calls=(Call("get_lat_lng", {"location_description": "Paris"}),))
    if "call_get_weather_0" not in results:
        return Says(calls=(Call("get_weather", results["call_get_lat_lng_0"]),))
    return Says(FORECAST)


def _tool_results(messages: list[dict[str, Any]]) -> dict[str, Any]:
    return {m["tool_call_id"]: json.loads(m["content"]) for m in messages if m["role"] == "tool"}


def _schema(tool: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """A tool's name, and its arguments with their types."""
    function = tool["function"]
    arguments = function["parameters"]["properties"]
    return function["name"], {name: described["type"] for name, described in arguments.items()}


def test_crewais_agent_greets(engine_server: EngineServer, guides: Path) -> None:
    engine_server.upstream.follow(by_question({"creative greeting": "Hello, how is your sparkle today?"}))
    said = Program([python_with("crewai"), "hello_main.py"], guides).output()
    assert "Hello, how is your sparkle today?" in said
    (asked,) = engine_server.upstream.asked
    assert asked.body["model"] == MODEL  # the prefix "openai/" is the library's own
    assert "Greet the user in a fun and creative way." in asked.messages[0]["content"]
