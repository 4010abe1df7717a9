"""What any MCP client can ask of the server, through the official client: used over each transport and revision."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

TOOLS = {
    "verify",
    "verify_document",
    "chat",
    "batch_submit",
    "batch_get",
    "batch_results",
    "batch_list",
    "batch_cancel",
}

RESULT_FIELDS = {"prompt", "response", "is_hallucination", "explanation", "confidence", "search_results"}
"""The reference's fields of a tool result."""

FALSE_ANSWER = {
    "prompt": "Where is the Eiffel Tower, and what is it made of?",
    "response": "The Eiffel Tower is located in Rome. The Eiffel Tower is a wrought-iron tower.",
}
RIGHT_ANSWER = {"prompt": "Where is the Eiffel Tower?", "response": "The Eiffel Tower is in Paris."}
INVOICE = {
    "prompt": "What is the invoice date?",
    "response": "The invoice date is May 22, 2025.",
    "documentContent": "InvID:INV7701B Co:OptiTech Client:Acme Amt:7116GBP Date:22May25 Due:21Jun25 Terms:N30",
}


async def use_everything(client: Client) -> None:
    """Tools, progress, results, failures, resource and prompt."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == TOOLS

    told: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))

    result = await client.call_tool("verify", FALSE_ANSWER, progress_callback=hear)
    body = body_of(result)
    assert not result.is_error
    assert body["is_hallucination"] is True
    assert [(done, total) for done, total, _ in told] == [(0, 2), (1, 2), (2, 2)]
    assert [(message or "").partition(":")[0] for _, _, message in told[1:]] == verdicts_of(body)
    check_body(body, tools["verify"].output_schema, FALSE_ANSWER)

    result = await client.call_tool("verify_document", INVOICE)
    body = body_of(result)
    assert body["is_hallucination"] is False
    assert body["claims"][0]["evidence"][0]["quote"] in INVOICE["documentContent"]
    check_body(body, tools["verify_document"].output_schema, INVOICE)

    await use_a_batch(client, tools)
    await fail_in_words(client)
    await read_resource_and_prompt(client)


async def use_a_batch(client: Client, tools: dict[str, Any]) -> None:
    """Submits answers, waits, reads what does not hold, as tool and as resource."""
    submitted = await client.call_tool("batch_submit", {"lines": [FALSE_ANSWER, RIGHT_ANSWER]})
    batch = body_of(submitted)
    assert not submitted.is_error, batch
    waited = body_of(await client.call_tool("batch_get", {"batch_id": batch["id"], "wait_s": 50}))
    assert (waited["status"], waited["request_counts"]["completed"]) == ("completed", 2)
    results = body_of(await client.call_tool("batch_results", {"batch_id": batch["id"], "only_failing": True}))
    assert [item["custom_id"] for item in results["results"]] == ["line-1"]
    for name, body in (("batch_get", waited), ("batch_results", results)):
        if tools[name].output_schema is not None:
            jsonschema.validate(body, tools[name].output_schema)
    assert body_of(await client.call_tool("batch_list", {}))["batches"][0]["id"] == batch["id"]
    content = (await client.read_resource(waited["resource"])).contents[0]
    assert json.loads(content.text) == waited  # type: ignore[union-attr]
    assert (await client.call_tool("batch_cancel", {"batch_id": batch["id"]})).is_error  # it has ended


def verdicts_of(body: dict[str, Any]) -> list[str]:
    return [claim["verdict"] for claim in body["claims"]]


def body_of(result: Any) -> dict[str, Any]:
    """The result as a client of the connection's revision sees it. The oldest have it as text alone."""
    text: dict[str, Any] = json.loads(result.content[0].text)
    assert result.structured_content in (None, text)
    return text


def check_body(body: dict[str, Any], schema: dict[str, Any] | None, asked: dict[str, str]) -> None:
    """Holds a result against the published schema, where the revision has one, and against the reference."""
    if schema is not None:
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(body, schema)
    assert set(body) >= RESULT_FIELDS
    assert (body["prompt"], body["response"]) == (asked["prompt"], asked["response"])
    assert set(body["confidence"]) == {"completion_tokens", "prompt_tokens", "total_tokens"}


async def fail_in_words(client: Client) -> None:
    """What a model can mend comes back as a result with the reason; what only a program can mend, as an error."""
    blank = await client.call_tool("verify", {"prompt": "Is it?", "response": "  "})
    assert blank.is_error
    assert "response" in blank.content[0].text  # type: ignore[union-attr]
    assert blank.structured_content is None
    no_engine = await client.call_tool("chat", {"prompt": "Who are you?"})
    assert no_engine.is_error
    assert "--engine-url" in no_engine.content[0].text  # type: ignore[union-attr]
    with pytest.raises(MCPError, match="There are verify, verify_document, chat, batch_submit"):
        await client.call_tool("verify_everything", {})


async def read_resource_and_prompt(client: Client) -> None:
    assert [str(item.uri) for item in (await client.list_resources()).resources] == ["touchstone://server"]
    content = (await client.read_resource("touchstone://server")).contents[0]
    assert json.loads(content.text)["web_search"] is False  # type: ignore[union-attr]
    with pytest.raises(MCPError, match="there is touchstone://server"):
        await client.read_resource("touchstone://elsewhere")
    assert [item.name for item in (await client.list_prompts()).prompts] == ["verify"]
    prompt = await client.get_prompt("verify", {"response": "The sky is green."})
    assert "The sky is green." in prompt.messages[0].content.text  # type: ignore[union-attr]
