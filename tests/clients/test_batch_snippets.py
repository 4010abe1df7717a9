"""The snippets about batches in the documentation of the reference and of a second provider, one after the other.

As they stand there, with the address, the key, the model and the ids replaced that a reader replaces. The scripts that
do all of it at once run against a real vLLM, in tests/vllm/test_batch_scripts.py.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.conftest import EngineServer
from tests.clients.needs import program
from tests.clients.serving import clean_environment
from tests.clients.upstream import MODEL, Says
from tests.robustness.waiting import wait_until

TIMEOUT_S = 60
END_S = 60.0
SAYS = "Eggs, and more of them."

REQUESTS = """cat << EOF > my_batch_request.jsonl
    {"custom_id": "request-1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "deepseek-ai/DeepSeek-V3-0324", "messages": [{"role": "system", "content": "You are an experienced cook."}, {"role": "user", "content": "What is the ultimate breakfast sandwich?"}],"max_completion_tokens":1000}}
    {"custom_id": "request-2", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "Qwen/Qwen3-235B-A22B-FP8", "messages": [{"role": "system", "content": "You are a maths tutor."}, {"role": "user", "content": "Explain the Pythagorean theorem."}],"max_completion_tokens":1000}}
EOF
"""  # noqa: E501  as it stands there

CURL_UPLOAD = """curl -s https://api.kluster.ai/v1/files \\
    -H "Authorization: Bearer $API_KEY" \\
    -H "Content-Type: multipart/form-data" \\
    -F "file=@my_batch_request.jsonl" \\
    -F "purpose=batch"
"""
CURL_SUBMIT = """curl -s https://api.kluster.ai/v1/batches \\
    -H "Authorization: Bearer $API_KEY" \\
    -H "Content-Type: application/json" \\
    -d '{
    "input_file_id": "myfile-123",
    "endpoint": "/v1/chat/completions",
    "completion_window": "24h"
    }'
"""
CURL_MONITOR = """curl -s https://api.kluster.ai/v1/batches/mybatch-123 \\
    -H "Authorization: Bearer $API_KEY" \\
    -H "Content-Type: application/json"
"""
CURL_RESULTS = """curl -s https://api.kluster.ai/v1/files/kluster-output-file-123/content \\
    -H "Authorization: Bearer $API_KEY" > batch_results.jsonl
"""
CURL_LIST = """curl -s https://api.kluster.ai/v1/batches \\
    -H "Authorization: Bearer $API_KEY"
"""
CURL_CANCEL = """curl -s https://api.kluster.ai/v1/batches/$BATCH_ID/cancel \\
    -H "Authorization: Bearer $API_KEY" \\
    -H "Content-Type: application/json" \\
    -X POST
"""

PYTHON_HEAD = """import os
from openai import OpenAI
from getpass import getpass

# Get API key from user input
api_key = os.environ.get("API_KEY") or getpass("Enter your kluster.ai API key: ")

# Initialize OpenAI client pointing to kluster.ai API
client = OpenAI(
    base_url="https://api.kluster.ai/v1",
    api_key=api_key,
)
"""
PYTHON_LIST = """
# Log all batch jobs (limit to 3)
print(client.batches.list(limit=3).to_dict())
"""
PYTHON_CANCEL = """
# Cancel batch job with specified ID
client.batches.cancel("mybatch-123")
"""

SECOND_REQUESTS = """{"custom_id": "request-1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "meta-llama/Meta-Llama-3.1-70B-Instruct", "messages": [{"role": "system", "content": "You are a chemistry expert."},{"role": "user", "content": "Hello!"}],"max_tokens": 1000}}
{"custom_id": "request-2", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "meta-llama/Meta-Llama-3.1-70B-Instruct", "messages": [{"role": "system", "content": "You are a chemistry expert. Add jokes about cats to your responses from time to time."},{"role": "user", "content": "Hello!"}],"max_tokens": 1000}}
"""  # noqa: E501  as it stands there
SECOND_CLIENT = """import os
from openai import OpenAI

client = OpenAI(
    base_url="https://api.studio.nebius.com/v1/",
    api_key=os.environ.get("NEBIUS_API_KEY"),
)
"""
SECOND_UPLOAD = """
batch_requests = client.files.create(
    file=open("batch-requests.jsonl", "rb"),
    purpose="batch"
)
"""
SECOND_CREATE = """client.batches.create(
    input_file_id=batch_requests.id,
    endpoint="/v1/chat/completions",
    completion_window="24h",
    metadata={
        "description": "Asynchronous job"
    }
)
"""
SECOND_STATUS = 'client.batches.retrieve("batch_123")\n'
SECOND_RESULTS = 'batch_result = client.files.content("file-123")\nprint(batch_result.text)\n'
SECOND_DELETE = 'client.files.delete("file_123")'

REPLACED = {
    "deepseek-ai/DeepSeek-V3-0324": MODEL,
    "Qwen/Qwen3-235B-A22B-FP8": MODEL,
    "meta-llama/Meta-Llama-3.1-70B-Instruct": MODEL,
}
PLACEHOLDERS = {
    "FILE_ID": ("myfile-123", "file_123"),
    "BATCH_ID": ("mybatch-123", "batch_123"),
    "OUTPUT_ID": ("kluster-output-file-123", "file-123"),
}
"""What the documentation writes where a reader puts an id."""

# Runs what comes in as Python does what is typed: it shows what a statement gives that nothing is done with.
AS_TYPED = """
import ast, sys
sys.displayhook = lambda value: print(value.to_json()) if value is not None else None
names = {}
for statement in ast.parse(sys.stdin.read()).body:
    exec(compile(ast.Interactive([statement]), "snippet", "single"), names)
"""


class Reader:
    """Somebody who follows the documentation, in a folder of their own."""

    def __init__(self, server: EngineServer, folder: Path) -> None:
        self._server = server
        self.folder = folder

    def shell(self, snippet: str, **ids: str) -> str:
        program("curl")
        return self._run([program("bash"), "-s"], snippet, ids)

    def python(self, snippet: str, **ids: str) -> str:
        return self._run([sys.executable, "-c", AS_TYPED], snippet, ids)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(self._filled_in(text, {}), encoding="utf-8")

    def ended(self, batch_id: str) -> dict[str, Any]:
        """The batch once it has ended."""
        seen: list[dict[str, Any]] = []
        headers = {"authorization": f"Bearer {self._server.key}"}

        def is_over() -> bool:
            seen.append(httpx.get(f"{self._server.url}/v1/batches/{batch_id}", headers=headers, trust_env=False).json())
            return seen[-1]["status"] in ("completed", "failed", "cancelled")

        wait_until(is_over, "the batch ends", END_S)
        return seen[-1]

    def _filled_in(self, snippet: str, ids: Mapping[str, str]) -> str:
        addresses = {"https://api.kluster.ai": self._server.url, "https://api.studio.nebius.com": self._server.url}
        named = {name: value for key, value in ids.items() for name in PLACEHOLDERS[key]}
        for old, new in {**addresses, **REPLACED, **named}.items():
            snippet = snippet.replace(old, new)
        return snippet

    def _run(self, command: list[str], snippet: str, ids: Mapping[str, str]) -> str:
        keys = {"API_KEY": self._server.key, "NEBIUS_API_KEY": self._server.key}
        done = subprocess.run(
            command,
            input=self._filled_in(snippet, ids),
            cwd=self.folder,
            env=clean_environment(PYTHONIOENCODING="utf-8", **keys, **ids),
            capture_output=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def reader(engine_server: EngineServer, tmp_path: Path) -> Reader:
    engine_server.upstream.follow(lambda body: Says(SAYS))
    return Reader(engine_server, tmp_path)


def says(lines: list[str]) -> dict[str, str]:
    """What each line of an output file says."""
    answers = [json.loads(line) for line in lines if line]
    return {a["custom_id"]: a["response"]["body"]["choices"][0]["message"]["content"] for a in answers}


def test_the_curl_commands_lead_from_requests_to_results(reader: Reader) -> None:
    reader.shell(REQUESTS)
    file = json.loads(reader.shell(CURL_UPLOAD))
    assert (file["object"], file["purpose"], file["filename"]) == ("file", "batch", "my_batch_request.jsonl")
    made = json.loads(reader.shell(CURL_SUBMIT, FILE_ID=file["id"]))
    assert made["status"] == "validating"
    assert made["errors"] is None
    assert made["metadata"] == {}
    assert made["request_counts"] == {"total": 0, "completed": 0, "failed": 0}
    reader.ended(made["id"])
    batch = json.loads(reader.shell(CURL_MONITOR, BATCH_ID=made["id"]))
    assert batch["status"] == "completed"
    assert batch["request_counts"] == {"total": 2, "completed": 2, "failed": 0}
    reader.shell(CURL_RESULTS, OUTPUT_ID=batch["output_file_id"])
    saved = (reader.folder / "batch_results.jsonl").read_text(encoding="utf-8").splitlines()
    assert says(saved) == {"request-1": SAYS, "request-2": SAYS}


def test_batches_are_listed_as_the_documentation_says(reader: Reader) -> None:
    reader.shell(REQUESTS)
    file = json.loads(reader.shell(CURL_UPLOAD))
    made = json.loads(reader.shell(CURL_SUBMIT, FILE_ID=file["id"]))
    listed = json.loads(reader.shell(CURL_LIST))
    assert listed["object"] == "list"
    assert set(listed) >= {"first_id", "last_id", "has_more", "count", "page", "page_count", "items_per_page"}
    assert listed["first_id"] == listed["data"][0]["id"] == made["id"]
    assert set(listed["data"][0]) == set(made)
    said = reader.python(PYTHON_HEAD + PYTHON_LIST)
    assert "'object': 'list'" in said
    assert made["id"] in said


@pytest.mark.parametrize("language", ["shell", "python"])
def test_a_batch_is_cancelled_as_the_documentation_says(
    reader: Reader, engine_server: EngineServer, language: str
) -> None:
    cancelled = threading.Event()

    def answer(body: dict[str, Any]) -> Says:
        cancelled.wait(END_S)
        return Says(SAYS)

    engine_server.upstream.follow(answer)
    reader.shell(REQUESTS)
    file = json.loads(reader.shell(CURL_UPLOAD))
    made = json.loads(reader.shell(CURL_SUBMIT, FILE_ID=file["id"]))
    if language == "shell":
        told = json.loads(reader.shell(CURL_CANCEL, BATCH_ID=made["id"]))
    else:
        told = json.loads(reader.python(PYTHON_HEAD + PYTHON_CANCEL, BATCH_ID=made["id"]))
    assert told["id"] == made["id"]
    assert told["status"] == "cancelling"
    assert told["cancelling_at"] is not None
    cancelled.set()
    assert reader.ended(made["id"])["status"] == "cancelled"


def test_the_snippets_of_the_second_provider_lead_from_requests_to_results(reader: Reader) -> None:
    reader.write("batch-requests.jsonl", SECOND_REQUESTS)
    made = json.loads(reader.python(SECOND_CLIENT + SECOND_UPLOAD + SECOND_CREATE))
    assert made["metadata"] == {"description": "Asynchronous job"}
    reader.ended(made["id"])
    batch = json.loads(reader.python(SECOND_CLIENT + SECOND_STATUS, BATCH_ID=made["id"]))
    assert batch["status"] == "completed"
    text = reader.python(SECOND_CLIENT + SECOND_RESULTS, OUTPUT_ID=batch["output_file_id"])
    assert says(text.splitlines()) == {"request-1": SAYS, "request-2": SAYS}
    deleted = json.loads(reader.python(SECOND_CLIENT + SECOND_DELETE, FILE_ID=made["input_file_id"]))
    assert deleted["deleted"] is True
