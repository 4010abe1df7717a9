"""Files and uploads with OpenAI's own client, against a real server."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import openai
import pytest
from harness import RunningServer
from openai import OpenAI

LINES = b'{"custom_id": "1"}\n' * 10_000


@pytest.fixture(scope="module")
def client(running_server: RunningServer) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{running_server.url}/v1", api_key="none", max_retries=0) as opened:
        yield opened


def test_a_file_lives_as_openais_documentation_has_it(client: OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_bytes(LINES)
    with path.open("rb") as file:
        made = client.files.create(
            file=file, purpose="batch", expires_after={"anchor": "created_at", "seconds": 86_400}
        )
    assert (made.bytes, made.filename, made.purpose, made.status) == (len(LINES), path.name, "batch", "processed")
    assert made.expires_at == made.created_at + 86_400
    assert client.files.wait_for_processing(made.id) == client.files.retrieve(made.id) == made
    assert client.files.content(made.id).content == LINES
    assert client.files.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError, match="there is no file"):
        client.files.retrieve(made.id)


def test_a_list_is_gone_through_page_by_page(client: OpenAI) -> None:
    made = [client.files.create(file=(f"{number}", b"x"), purpose="user_data").id for number in range(5)]
    pages = client.files.list(purpose="user_data", order="asc", limit=2)
    assert [file.id for file in pages] == made


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_whoever_deletes_file_after_file_of_a_list_gets_through_all_pages(
    client: OpenAI, order: Literal["asc", "desc"]
) -> None:
    made = {client.files.create(file=(f"{number}", b"x"), purpose="fine-tune").id for number in range(7)}
    deleted = [client.files.delete(file.id).id for file in client.files.list(purpose="fine-tune", order=order, limit=2)]
    assert set(deleted) == made
    assert len(deleted) == 7
    assert not client.files.list(purpose="fine-tune").data


def test_a_refusal_says_why(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="batch, fine-tune, user_data") as raised:
        client.files.create(file=("a", b"x"), purpose="assistants")
    assert (raised.value.code, raised.value.param) == ("invalid_input", "purpose")


def test_a_file_is_uploaded_in_chunks(client: OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_bytes(LINES)
    done = client.uploads.upload_file_chunked(
        file=path,
        mime_type="application/jsonl",
        purpose="batch",
        part_size=50_000,
        md5=hashlib.md5(LINES, usedforsecurity=False).hexdigest(),
    )
    assert done.status == "completed"
    assert done.file is not None
    assert client.files.retrieve(done.file.id) == done.file
    assert client.files.content(done.file.id).content == LINES


def test_an_upload_is_cancelled(client: OpenAI) -> None:
    upload = client.uploads.create(bytes=9, filename="a", mime_type="text/plain", purpose="user_data")
    part = client.uploads.parts.create(upload_id=upload.id, data=b"123456789")
    assert (part.object, part.upload_id) == ("upload.part", upload.id)
    assert client.uploads.cancel(upload.id).status == "cancelled"
    with pytest.raises(openai.BadRequestError, match="is cancelled"):
        client.uploads.complete(upload.id, part_ids=[part.id])
