"""The scripts and commands of the reference's documentation, with the address and the key replaced and nothing else."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import KeyedServer
from tests.clients.conversation import RESULT_FIELDS
from tests.clients.needs import program
from tests.clients.serving import clean_environment

TIMEOUT_S = 120
FLAGGED = "🚨"
PASSED = "✅"

PYTHON_VERIFY = """
from os import environ
import requests

api_key = environ.get("API_KEY")
url = "https://api.kluster.ai/v1/verify/reliability"
headers = {
    "Authorization": f"Bearer {api_key}",
    "Content-Type": "application/json"
}
payload = PAYLOAD
response = requests.post(url, headers=headers, json=payload)
result = response.json()
is_hallucination = result.get("is_hallucination")
explanation = result.get("explanation")
print("🚨" if is_hallucination else "✅")
print(explanation)
"""

PYTHON_CHAT = """
from os import environ
from openai import OpenAI

client = OpenAI(
    api_key=environ.get("API_KEY"),
    base_url="https://api.kluster.ai/v1"
)
completion = client.chat.completions.create(
    model="klusterai/verify-reliability",
    messages=[
        {"role": "system", "content": "You are a knowledgeable assistant that provides accurate medical information."},
        {"role": "user", "content": "Does vitamin C cure the common cold?"},
        {"role": "assistant", "content": "Yes, taking large doses of vitamin C has been scientifically proven to cure "
                                         "the common cold within 24 hours."},
    ]
)
print(completion.choices[0].message.content)
"""

SHELL_VERIFY = """
response=$(curl --location 'https://api.kluster.ai/v1/verify/reliability' \\
--header "Authorization: Bearer $API_KEY" \\
--header "Content-Type: application/json" \\
--data 'PAYLOAD')
"""
SHELL_PLAIN = 'echo "$response"\n'
SHELL_JQ = """
is_hallucination=$(echo "$response" | jq -r '.is_hallucination')
explanation=$(echo "$response" | jq -r '.explanation')
if [[ "$is_hallucination" == "true" ]]; then
    echo -e "\\n🚨 RELIABILITY ISSUE DETECTED"
else
    echo -e "\\n✅ NO RELIABILITY ISSUE DETECTED"
fi
echo -e "\\nExplanation: $explanation"
"""

SHELL_CHAT = """
curl https://api.kluster.ai/v1/chat/completions \\
    -H "Authorization: Bearer $API_KEY" \\
    -H "Content-Type: application/json" \\
    -d '{
            "model": "klusterai/verify-reliability",
            "messages": [
                {"role": "user", "content": "Where is the Eiffel Tower?"},
                {"role": "assistant", "content": "The Eiffel Tower is located in Rome."}
            ]
        }'
"""

SHELL_MCP = """
curl -X POST https://api.kluster.ai/v1/mcp \\
  -H "Authorization: Bearer $API_KEY" \\
  -H "Content-Type: application/json" \\
  -H "Accept: application/json, text/event-stream" \\
  -d '{
      "jsonrpc": "2.0",
      "method": "tools/call",
      "params": {
          "name": "verify",
          "arguments": {
              "prompt": "Is the Great Wall of China visible from space?",
              "response": "Yes, the Great Wall of China is visible from space with the naked eye."
          }
      },
      "id": 1
  }'
"""


@dataclass(frozen=True)
class Example:
    """A question of the documentation, and whether its answer is one to flag."""

    payload: dict[str, Any]
    flagged: bool


INVOICE = "InvID:INV7701B Co:OptiTech Client:Acme Amt:7116GBP Date:22May25 Due:21Jun25 Terms:N30 Ref:PO451C"
EXAMPLES = {
    "a flat earth": Example(
        {"prompt": "Is earth flat?", "output": "Yes, my friend", "return_search_results": False}, flagged=True
    ),
    "a flat earth, in full": Example(
        {"prompt": "Is earth flat?", "output": "Yes, 100%.", "return_search_results": False}, flagged=True
    ),
    "an invoice's date": Example(
        {
            "prompt": "What is the invoice date?",
            "output": "The Invoice date is: May 22, 2025 ",
            "context": INVOICE,
            "return_search_results": True,
        },
        flagged=False,
    ),
}


def pointed_at(server: KeyedServer, script: str) -> str:
    return script.replace("https://api.kluster.ai", server.url)


def run(server: KeyedServer, command: list[str]) -> str:
    done = subprocess.run(
        command,
        env=clean_environment(API_KEY=server.key, PYTHONIOENCODING="utf-8"),
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_python(server: KeyedServer, script: str) -> str:
    return run(server, [sys.executable, "-c", pointed_at(server, script)])


def run_shell(server: KeyedServer, script: str) -> str:
    program("curl")
    return run(server, [program("bash"), "-c", pointed_at(server, script)])


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_python_script_that_verifies(keyed_server: KeyedServer, name: str) -> None:
    example = EXAMPLES[name]
    said = run_python(keyed_server, PYTHON_VERIFY.replace("PAYLOAD", repr(example.payload)))
    sign, _, explanation = said.partition("\n")
    assert sign == (FLAGGED if example.flagged else PASSED)
    assert explanation.strip() not in ("", "None")


def test_the_python_script_that_verifies_a_conversation(keyed_server: KeyedServer) -> None:
    body = json.loads(run_python(keyed_server, PYTHON_CHAT))
    assert body["is_hallucination"] is True
    assert set(body) >= {"is_hallucination", "usage", "explanation", "search_results"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_curl_command_that_verifies(keyed_server: KeyedServer, name: str) -> None:
    example = EXAMPLES[name]
    command = SHELL_VERIFY.replace("PAYLOAD", json.dumps(example.payload))
    body = json.loads(run_shell(keyed_server, command + SHELL_PLAIN))
    assert body["is_hallucination"] is example.flagged
    assert ("search_results" in body) is example.payload["return_search_results"]
    if shutil.which("jq"):  # the documentation reads the answer with it; without it the command stands alone
        assert (FLAGGED if example.flagged else PASSED) in run_shell(keyed_server, command + SHELL_JQ)


def test_the_curl_command_that_verifies_a_conversation(keyed_server: KeyedServer) -> None:
    completion = json.loads(run_shell(keyed_server, SHELL_CHAT))
    assert json.loads(completion["choices"][0]["message"]["content"])["is_hallucination"] is True


def test_the_curl_command_for_another_model_says_what_there_is(keyed_server: KeyedServer) -> None:
    script = SHELL_CHAT.replace("klusterai/verify-reliability", "deepseek-ai/DeepSeek-R1")
    error = json.loads(run_shell(keyed_server, script))["error"]
    assert error["code"] == "model_not_found"
    assert "klusterai/verify-reliability" in error["message"]


@pytest.mark.parametrize("path", ["/v1/mcp", "/stream"])
@pytest.mark.parametrize("accept", ["application/json, text/event-stream", "application/json"])
def test_the_curl_command_that_calls_a_tool_without_a_handshake(
    keyed_server: KeyedServer, path: str, accept: str
) -> None:
    script = SHELL_MCP.replace("/v1/mcp", path).replace("application/json, text/event-stream", accept)
    said = run_shell(keyed_server, script)
    if "text/event-stream" in accept:  # the answer is the last event
        said = [line for line in said.splitlines() if line.startswith("data: {")][-1].removeprefix("data: ")
    answer = json.loads(said)
    assert answer["id"] == 1
    body = json.loads(answer["result"]["content"][0]["text"])
    assert set(body) >= RESULT_FIELDS
    assert body["is_hallucination"] is True
    assert body["search_results"]


def test_the_client_configuration_of_the_reference_is_ours_with_another_name(keyed_server: KeyedServer) -> None:
    """Its Cursor file: `url` and a bearer header, nothing else."""
    ours = Path(__file__).parents[2] / "client-configs" / "cursor.http.json"
    (entry,) = json.loads(ours.read_text(encoding="utf-8"))["mcpServers"].values()
    assert set(entry) == {"url", "headers"}
    assert set(entry["headers"]) == {"Authorization"}
