"""`judge: "client"`: the model of the MCP client judges, over both ways to ask it and every transport."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest
from harness import REPOSITORY, RunningServer
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp_types.version import LATEST_MODERN_VERSION
from prometheus_client import generate_latest

from inference.judges.scripted import ScriptedJudge
from inference.prompts.prompt import load_prompt
from server.house import House, build_house
from server.mcp import progress, sampling
from server.mcp.client_model import ANSWER_CHARS_MAX
from server.mcp.protocol import build_mcp
from server.mcp.result import VerificationResult
from server.settings import Settings
from tests.server.mcp_client_model import NAME, ClientsModel, knowing_nothing, refuting, shown_in

WAIT_S = 90.0
LEGACY, MODERN = "legacy", LATEST_MODERN_VERSION
BOTH_WAYS = pytest.mark.parametrize("mode", [LEGACY, MODERN])
QUOTE = "Employees must work on site at least three days per week."
CONTRACT = {
    "prompt": "Does this employment contract allow unlimited remote work?",
    "response": "This employment contract allows unlimited remote work.",
    "documentContent": f"Section 4.2 {QUOTE}",
    "judge": "client",
}
REFUSES = ClientsModel(lambda shown, before: types.ErrorData(code=-1, message="User rejected sampling request"))


@pytest.fixture
def house(settings: Settings) -> House:
    """A house whose own judge is out of order: whatever is judged here, the client judges."""
    return build_house(settings, judge=ScriptedJudge({}, available=False))


def client_of_house(house: House, model: ClientsModel | None, mode: str) -> Client:
    return Client(build_mcp(house), mode=mode, sampling_callback=model.sample if model else None)


async def verify(house: House, model: ClientsModel | None, mode: str, **changed: str) -> Any:
    async with asyncio.timeout(WAIT_S), client_of_house(house, model, mode) as client:
        return await client.call_tool("verify_document", CONTRACT | changed)


def refutes(shown: dict[str, Any], before: int) -> str:
    return refuting(shown, QUOTE)


def check_refuted(result: Any) -> None:
    assert not result.is_error, result.content[0].text
    body = result.structured_content
    VerificationResult.model_validate(body)
    assert (body["verdict"], body["is_hallucination"], body["score"]) == ("refuted", True, None)
    (claim,) = body["claims"]
    assert [e["quote"] for e in claim["evidence"]] == [QUOTE]
    assert (body["judge"], body["provenance"]["model"]) == (NAME, NAME)
    assert body["provenance"]["prompt"] == load_prompt("judge").sha256


def words_of(result: Any) -> str:
    assert result.is_error
    text: str = result.content[0].text
    return text


@BOTH_WAYS
async def test_the_clients_model_judges_with_the_quote_that_decides(house: House, mode: str) -> None:
    model = ClientsModel(refutes)
    check_refuted(await verify(house, model, mode))
    assert len(model.asked) == 1


@BOTH_WAYS
async def test_what_is_judged_reaches_the_model_as_data_and_the_schema_in_our_words(house: House, mode: str) -> None:
    model = ClientsModel(refutes)
    await verify(house, model, mode)
    (asked,) = model.asked
    assert len(asked.messages) == 1
    assert asked.messages[0].role == "user"
    assert shown_in(asked)["passages"][0]["text"] == CONTRACT["documentContent"]
    assert asked.system_prompt is not None
    assert load_prompt("judge")["system"].strip() in asked.system_prompt
    assert '"not_enough_evidence"' in asked.system_prompt.partition(load_prompt("bound")["schema"].strip())[2]
    assert "three days" not in asked.system_prompt
    assert asked.temperature == 0
    assert asked.max_tokens > 0


@BOTH_WAYS
@pytest.mark.parametrize("fence", ["```json\n{}\n```", "```\n{}\n```", "\n```json\n{}```\n"])
async def test_an_answer_may_stand_in_a_fence(house: House, mode: str, fence: str) -> None:
    check_refuted(await verify(house, ClientsModel(lambda shown, _: fence.replace("{}", refuting(shown, QUOTE))), mode))


@BOTH_WAYS
async def test_an_answer_that_cannot_be_read_is_asked_for_once_more(house: House, mode: str) -> None:
    model = ClientsModel(lambda shown, before: refuting(shown, QUOTE) if before else "It is refuted, I think.")
    check_refuted(await verify(house, model, mode))
    assert "unusable_answer" in shown_in(model.asked[1])
    assert len(model.asked) == 2


@BOTH_WAYS
async def test_two_answers_that_cannot_be_read_are_no_verdict(house: House, mode: str) -> None:
    model = ClientsModel(lambda shown, before: '{"claims": []}')
    text = words_of(await verify(house, model, mode))
    assert text.startswith("judge_unreadable: ")
    assert "No verdict was reached" in text
    assert len(model.asked) == 2


@BOTH_WAYS
async def test_a_quote_that_is_not_there_counts_for_nothing(house: House, mode: str) -> None:
    model = ClientsModel(lambda shown, before: refuting(shown, "Remote work is forbidden."))
    result = await verify(house, model, mode)
    assert result.structured_content["verdict"] == "not_enough_evidence"
    assert "Remote work is forbidden." not in result.content[0].text
    assert "quotes_not_found" in shown_in(model.asked[1])


@BOTH_WAYS
async def test_an_answer_without_text_is_no_verdict(house: House, mode: str) -> None:
    picture = types.ImageContent(data="", mime_type="image/png")
    text = words_of(await verify(house, ClientsModel(lambda shown, before: picture), mode))
    assert text.startswith("judge_unavailable: ")
    assert "answered with image" in text


@BOTH_WAYS
@pytest.mark.parametrize("size", [ANSWER_CHARS_MAX + 1, 3 * ANSWER_CHARS_MAX])
async def test_an_answer_without_end_is_no_verdict(house: House, mode: str, size: int) -> None:
    text = words_of(await verify(house, ClientsModel(lambda shown, before: "?" * size), mode))
    assert "No verdict was reached" in text
    assert "200,000 characters" in text


async def test_a_client_that_does_not_let_its_model_judge_is_quoted(house: House) -> None:
    text = words_of(await verify(house, REFUSES, LEGACY))
    assert text.startswith("sampling_refused: ")
    assert "User rejected sampling request" in text
    assert "Leave judge out" in text
    assert "No verdict was reached" in text


async def test_from_the_newest_revision_on_a_refusal_ends_the_call_at_the_client(house: House) -> None:
    async with asyncio.timeout(WAIT_S), client_of_house(house, REFUSES, MODERN) as client:
        with pytest.raises(MCPError, match="User rejected sampling request"):
            await client.call_tool("verify_document", CONTRACT)


async def test_a_model_that_never_answers_is_waited_for_within_a_bound(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "ANSWER_TIMEOUT_S", 0.05)
    text = words_of(await verify(house, ClientsModel(lambda shown, before: asyncio.Event()), LEGACY))
    assert text.startswith("judge_unavailable: ")
    assert "did not answer within 0.05 s" in text


async def test_while_the_clients_model_thinks_the_client_hears_what_is_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "BEAT_S", 0.001)
    heard = asyncio.Event()
    told: list[str | None] = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        told.append(message)
        if message == "waiting for the client's model":
            heard.set()

    async def sample(context: Any, params: types.CreateMessageRequestParams) -> types.CreateMessageResult:
        await heard.wait()
        content = types.TextContent(text=refuting(shown_in(params), QUOTE))
        return types.CreateMessageResult(role="assistant", content=content, model=NAME)

    async with asyncio.timeout(WAIT_S), Client(build_mcp(house), mode=LEGACY, sampling_callback=sample) as client:
        check_refuted(await client.call_tool("verify_document", CONTRACT, progress_callback=hear))
        while "1 claims to judge" not in told:  # noqa: ASYNC110  turns of the loop: it was sent, and is heard in time
            await asyncio.sleep(0)


@BOTH_WAYS
async def test_a_client_without_sampling_is_told_so_and_what_to_do(house: House, mode: str) -> None:
    text = words_of(await verify(house, None, mode))
    assert "the capability `sampling`" in text
    assert "Leave judge out" in text


@BOTH_WAYS
async def test_where_a_language_model_judges_the_clients_is_not_asked(settings: Settings, mode: str) -> None:
    judged = Settings(**(settings.model_dump() | {"judge_model": "big-judge", "engine_url": ["http://127.0.0.1:9"]}))
    text = words_of(await verify(build_house(judged), ClientsModel(refutes), mode))
    assert "big-judge does" in text


@BOTH_WAYS
async def test_a_judge_that_there_is_not_is_an_error(house: House, mode: str) -> None:
    assert "there is no judge 'gpt'" in words_of(await verify(house, ClientsModel(refutes), mode, judge="gpt"))


@BOTH_WAYS
async def test_without_judge_the_client_is_never_asked(settings: Settings, mode: str) -> None:
    model = ClientsModel(refutes)
    result = await verify(build_house(settings), model, mode, judge="")
    assert result.structured_content["provenance"]["judge"] != "language-model"
    assert model.asked == []


@BOTH_WAYS
async def test_general_knowledge_is_judged_too(house: House, mode: str) -> None:
    model = ClientsModel(lambda shown, before: knowing_nothing(shown))
    async with asyncio.timeout(WAIT_S), client_of_house(house, model, mode) as client:
        question = {"prompt": "Where is the Eiffel Tower?", "response": "It is in Rome.", "judge": "client"}
        body = (await client.call_tool("verify", question)).structured_content
    assert (body["verdict"], body["judge"]) == ("not_enough_evidence", NAME)


@BOTH_WAYS
async def test_each_answer_of_the_clients_model_is_counted_once_and_under_no_name_of_the_clients(
    house: House, mode: str
) -> None:
    model = ClientsModel(lambda shown, before: refuting(shown, QUOTE) if before else "?")
    await verify(house, model, mode)
    metrics = generate_latest(house.metrics.registry).decode()
    assert 'touchstone_judge_answers_total{judge="client",outcome="read"} 1.0' in metrics
    assert 'touchstone_judge_answers_total{judge="client",outcome="retried"} 1.0' in metrics
    assert NAME not in metrics


# From revision 2026-07-28 on the call is made again with each answer.


async def test_each_question_is_asked_once_however_often_the_call_is_made_again(house: House) -> None:
    facts = " ".join(f"Item {number} costs {number + 10} euros." for number in range(30))
    model = ClientsModel(lambda shown, before: knowing_nothing(shown))
    result = await verify(house, model, MODERN, response=facts)
    assert len(result.structured_content["claims"]) + result.structured_content["claims_omitted"] == 30
    shown = [tuple(claim["text"] for claim in shown_in(asked)["claims"]) for asked in model.asked]
    assert len(shown) == len(set(shown)) > 1


async def test_a_call_is_sent_back_a_bounded_number_of_times(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "ROUNDS_MAX", 2)
    facts = " ".join(f"Item {number} costs {number + 10} euros." for number in range(30))
    model = ClientsModel(lambda shown, before: knowing_nothing(shown))
    text = words_of(await verify(house, model, MODERN, response=facts))
    assert "at most 2 times" in text
    assert len(model.asked) == 2


async def first_round(client: Client) -> types.InputRequiredResult:
    result = await client.session.call_tool("verify_document", CONTRACT, allow_input_required=True)
    assert isinstance(result, types.InputRequiredResult)
    return result


def answers_to(round_: types.InputRequiredResult) -> types.InputResponses:
    assert round_.input_requests is not None
    answers: types.InputResponses = {}
    for key, request in round_.input_requests.items():
        assert isinstance(request, types.CreateMessageRequest)
        content = types.TextContent(text=refuting(shown_in(request.params), QUOTE))
        answers[key] = types.CreateMessageResult(role="assistant", content=content, model=NAME)
    return answers


async def test_what_the_client_carries_is_sealed(house: House) -> None:
    async with client_of_house(house, ClientsModel(refutes), MODERN) as client:
        asked = await first_round(client)
        assert asked.request_state is not None
        assert "rounds" not in asked.request_state
        forged = asked.request_state[:-4] + "AAAA"
        with pytest.raises(MCPError, match="requestState"):
            await client.session.call_tool(
                "verify_document", CONTRACT, input_responses=answers_to(asked), request_state=forged
            )


async def test_answers_given_for_one_response_do_not_count_for_another(house: House) -> None:
    async with client_of_house(house, ClientsModel(refutes), MODERN) as client:
        asked = await first_round(client)
        other = CONTRACT | {"response": "This employment contract allows no remote work."}
        with pytest.raises(MCPError, match="requestState"):
            await client.session.call_tool(
                "verify_document", other, input_responses=answers_to(asked), request_state=asked.request_state
            )


async def test_answers_to_what_was_not_asked_count_for_nothing(house: House) -> None:
    async with client_of_house(house, ClientsModel(refutes), MODERN) as client:
        answers = answers_to(await first_round(client))
        again = await client.session.call_tool(
            "verify_document", CONTRACT, input_responses=answers, allow_input_required=True
        )
        assert isinstance(again, types.InputRequiredResult)


async def test_a_question_that_comes_back_without_its_answer_is_asked_again(house: House) -> None:
    async with client_of_house(house, ClientsModel(refutes), MODERN) as client:
        asked = await first_round(client)
        again = await client.session.call_tool(
            "verify_document", CONTRACT, request_state=asked.request_state, allow_input_required=True
        )
        assert isinstance(again, types.InputRequiredResult)
        assert again.input_requests == asked.input_requests
        result = await client.session.call_tool(
            "verify_document", CONTRACT, input_responses=answers_to(again), request_state=again.request_state
        )
        check_refuted(result)


# Real servers, in processes of their own.


def over_stdio(data_dir: Path) -> StdioServerParameters:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHSTONE_")}
    settings = {"TOUCHSTONE_DATA_DIR": str(data_dir), "TOUCHSTONE_WEB_SEARCH": "false"}
    return StdioServerParameters(
        command=sys.executable, args=["-m", "server.cli", "mcp"], env=clean | settings, cwd=str(REPOSITORY)
    )


@pytest.mark.process
@BOTH_WAYS
async def test_over_stdio_the_clients_model_judges(tmp_path: Path, mode: str) -> None:
    model = ClientsModel(refutes)
    async with (
        asyncio.timeout(WAIT_S),
        Client(over_stdio(tmp_path), mode=mode, sampling_callback=model.sample) as client,
    ):
        check_refuted(await client.call_tool("verify_document", CONTRACT))
    assert len(model.asked) == 1


@pytest.mark.parametrize("path", ["/v1/mcp", "/stream"])
async def test_over_http_the_clients_model_judges_from_the_newest_revision_on(
    running_server: RunningServer, path: str
) -> None:
    model = ClientsModel(lambda shown, before: refuting(shown, QUOTE) if before else "?")
    url = running_server.url + path
    async with asyncio.timeout(WAIT_S), Client(url, mode=MODERN, sampling_callback=model.sample) as client:
        check_refuted(await client.call_tool("verify_document", CONTRACT))
    assert len(model.asked) == 2


async def test_over_http_older_revisions_are_told_what_to_do_instead(running_server: RunningServer) -> None:
    model = ClientsModel(refutes)
    url = running_server.url + "/v1/mcp"
    async with asyncio.timeout(WAIT_S), Client(url, mode=LEGACY, sampling_callback=model.sample) as client:
        text = words_of(await client.call_tool("verify_document", CONTRACT))
    assert "does not work over HTTP in revision 2025-11-25" in text
    assert "`touchstone mcp`" in text
    assert model.asked == []
