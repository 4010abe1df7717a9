"""`/v1/uploads` over REST: a file comes in parts, in any order and beside each other, and is whole or not there."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from harness import ClientOf
from pydantic import SecretStr
from starlette.testclient import TestClient

from inference.files.upload import UPLOAD_S
from inference.files.upload_records import UploadRecords
from server.house import build_house
from server.settings import Settings

UPLOADS = "/v1/uploads"
ASK = {"filename": "requests.jsonl", "purpose": "batch", "bytes": 12, "mime_type": "application/jsonl"}
ALICE, BOB = {"authorization": "Bearer alice-3f9c41d27ab8e605"}, {"authorization": "Bearer bob-c07e58a1946d2bf3"}


def begun(client: TestClient, size: int = 12, **fields: Any) -> str:
    answer = client.post(UPLOADS, json=ASK | {"bytes": size} | fields)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def send(client: TestClient, upload_id: str, content: bytes) -> httpx.Response:
    return client.post(f"{UPLOADS}/{upload_id}/parts", files={"data": ("blob", content)})


def part(client: TestClient, upload_id: str, content: bytes) -> str:
    answer = send(client, upload_id, content)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def complete(client: TestClient, upload_id: str, part_ids: list[str], **fields: Any) -> httpx.Response:
    return client.post(f"{UPLOADS}/{upload_id}/complete", json={"part_ids": part_ids, **fields})


def content(client: TestClient, completed: httpx.Response) -> bytes:
    assert completed.status_code == 200, completed.text
    return bytes(client.get(f"/v1/files/{completed.json()['file']['id']}/content").content)


def error(answer: httpx.Response, status: int = 400) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()["error"]
    return found


def blobs(settings: Settings) -> list[Path]:
    return [path for path in settings.blobs_dir.rglob("*") if path.is_file()]


def test_an_upload_and_its_parts_are_described_as_openai_describes_them(client: TestClient) -> None:
    upload = client.post(UPLOADS, json=ASK).json()
    created = upload["created_at"]
    assert upload == {
        "id": upload["id"],
        "object": "upload",
        "bytes": 12,
        "created_at": created,
        "expires_at": created + UPLOAD_S,
        "filename": "requests.jsonl",
        "purpose": "batch",
        "status": "pending",
        "file": None,
    }
    sent = send(client, upload["id"], b"hello world\n").json()
    assert sent == {
        "id": sent["id"],
        "object": "upload.part",
        "created_at": sent["created_at"],
        "upload_id": upload["id"],
    }
    done = complete(client, upload["id"], [sent["id"]]).json()
    file = done.pop("file")
    assert done == {key: value for key, value in upload.items() if key != "file"} | {"status": "completed"}
    assert client.get(f"/v1/files/{file['id']}").json() == file
    assert (file["bytes"], file["filename"], file["purpose"], file["status"]) == (
        12,
        "requests.jsonl",
        "batch",
        "processed",
    )


def test_parts_are_put_together_in_the_order_in_which_they_are_named(client: TestClient) -> None:
    upload_id = begun(client)
    third, first, second = (part(client, upload_id, text) for text in (b"rld\n", b"hell", b"o wo"))
    assert content(client, complete(client, upload_id, [first, second, third])) == b"hello world\n"


def test_parts_that_come_beside_each_other_make_the_whole(client: TestClient) -> None:
    whole = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(125_000))
    pieces = [whole[at : at + 250_000] for at in range(0, len(whole), 250_000)]
    upload_id = begun(client, len(whole))
    with ThreadPoolExecutor(8) as threads:
        part_ids = list(threads.map(lambda piece: part(client, upload_id, piece), pieces))
    done = complete(client, upload_id, part_ids, md5=hashlib.md5(whole, usedforsecurity=False).hexdigest())
    assert content(client, done) == whole
    path = f"/v1/files/{done.json()['file']['id']}/content"
    assert client.get(path, headers={"range": "bytes=249990-750009"}).content == whole[249_990:750_010]


def test_completing_copies_nothing_and_parts_that_are_not_named_are_not_in_the_file(
    client: TestClient, settings: Settings
) -> None:
    upload_id = begun(client)
    lost = part(client, upload_id, b"hello w")
    part_ids = [part(client, upload_id, text) for text in (b"hello ", b"world\n")]
    before = {path: path.stat().st_ino for path in blobs(settings) if not path.name.startswith(lost)}
    assert content(client, complete(client, upload_id, part_ids)) == b"hello world\n"
    assert {path: path.stat().st_ino for path in blobs(settings) if path in before} == before


def test_an_upload_of_nothing_becomes_an_empty_file(client: TestClient) -> None:
    assert content(client, complete(client, begun(client, 0), [])) == b""


def test_the_file_expires_when_the_upload_asked_for_it(client: TestClient) -> None:
    upload_id = begun(client, expires_after={"anchor": "created_at", "seconds": 7200})
    file = complete(client, upload_id, [part(client, upload_id, b"hello world\n")]).json()["file"]
    assert file["expires_at"] == file["created_at"] + 7200


def test_completing_twice_with_the_same_parts_gives_the_same_file(client: TestClient) -> None:
    upload_id = begun(client)
    part_ids = [part(client, upload_id, text) for text in (b"hello ", b"world\n")]
    first = complete(client, upload_id, part_ids)
    assert complete(client, upload_id, part_ids).json() == first.json()
    found = error(complete(client, upload_id, part_ids[::-1]))
    assert (found["code"], first.json()["file"]["id"] in found["message"]) == ("wrong_state", True)


@pytest.mark.parametrize("sent", [[b"hello "], [b"hello ", b"world\n", b"!"], []], ids=["too few", "too many", "none"])
def test_what_is_not_as_long_as_announced_is_refused_and_the_upload_can_be_used_on(
    client: TestClient, sent: list[bytes]
) -> None:
    upload_id = begun(client)
    part_ids = [part(client, upload_id, text) for text in sent]
    found = error(complete(client, upload_id, part_ids))
    assert (found["param"], "made for 12" in found["message"]) == ("part_ids", True)
    part_ids = [part(client, upload_id, text) for text in (b"hello ", b"world\n")]
    assert content(client, complete(client, upload_id, part_ids)) == b"hello world\n"


def test_a_digest_that_does_not_fit_is_refused_and_the_upload_can_be_used_on(client: TestClient) -> None:
    upload_id = begun(client)
    part_ids = [part(client, upload_id, text) for text in (b"hello ", b"world\n")]
    md5 = hashlib.md5(b"hello world\n", usedforsecurity=False).hexdigest()
    assert error(complete(client, upload_id, part_ids[::-1], md5=md5))["param"] == "md5"
    assert error(complete(client, upload_id, part_ids, md5="none"))["param"] == "md5"
    assert content(client, complete(client, upload_id, part_ids, md5=md5.upper())) == b"hello world\n"


def test_a_part_counts_once_and_in_its_own_upload(client: TestClient) -> None:
    upload_id, other_id = begun(client), begun(client)
    half, others = part(client, upload_id, b"hello "), part(client, other_id, b"world\n")
    for part_ids, said in [([half, half], "named twice"), ([half, others], "has no part"), ([half, "x"], "'x'")]:
        found = error(complete(client, upload_id, part_ids))
        assert (found["param"], said in found["message"]) == ("part_ids", True)


def test_a_cancelled_upload_takes_nothing_any_more(client: TestClient) -> None:
    upload_id = begun(client)
    part_id = part(client, upload_id, b"hello world\n")
    first = client.post(f"{UPLOADS}/{upload_id}/cancel")
    assert first.json()["status"] == "cancelled"
    assert client.post(f"{UPLOADS}/{upload_id}/cancel").json() == first.json()
    for answer in (send(client, upload_id, b"x"), complete(client, upload_id, [part_id])):
        found = error(answer)
        assert (found["code"], "is cancelled" in found["message"]) == ("wrong_state", True)


def test_a_completed_upload_takes_no_parts_and_cannot_be_cancelled(client: TestClient) -> None:
    upload_id = begun(client)
    completed = complete(client, upload_id, [part(client, upload_id, b"hello world\n")])
    for answer in (send(client, upload_id, b"x"), client.post(f"{UPLOADS}/{upload_id}/cancel")):
        assert error(answer)["code"] == "wrong_state"
    assert content(client, completed) == b"hello world\n"


def test_an_upload_expires_after_an_hour(client_of: ClientOf, settings: Settings) -> None:
    client = client_of(settings)
    upload_id = begun(client)
    part_id = part(client, upload_id, b"hello world\n")
    house = build_house(settings)
    late = UploadRecords(house.storage.database, clock=lambda: time.time() + UPLOAD_S)
    later = client_of(settings, replace(house, uploads=replace(house.uploads, records=late)))
    for answer in (
        send(later, upload_id, b"x"),
        complete(later, upload_id, [part_id]),
        later.post(f"{UPLOADS}/{upload_id}/cancel"),
    ):
        found = error(answer)
        assert (found["code"], "is expired" in found["message"]) == ("wrong_state", True)


@pytest.mark.parametrize(
    ("fields", "param", "status"),
    [
        ({"purpose": "assistants"}, "purpose", 400),
        ({"filename": " "}, "filename", 400),
        ({"filename": "a\x00"}, "filename", 400),
        ({"mime_type": ""}, "mime_type", 400),
        ({"mime_type": "a" * 256}, "mime_type", 400),
        ({"bytes": -1}, "bytes", 400),
        ({"bytes": "12"}, "bytes", 400),
        ({"bytes": 12.5}, "bytes", 400),
        ({"bytes": 10**12}, "bytes", 413),
        ({"bytes": 10**30}, "bytes", 413),
        ({"expires_after": {"anchor": "created_at", "seconds": 5}}, "expires_after", 400),
        ({"expires_after": {"anchor": "now", "seconds": 3600}}, "expires_after.anchor", 400),
    ],
)
def test_an_upload_that_cannot_be_is_refused(
    client: TestClient, fields: dict[str, Any], param: str, status: int
) -> None:
    assert error(client.post(UPLOADS, json=ASK | fields), status)["param"] == param


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(client_of: ClientOf, settings: Settings) -> None:
    client = client_of(settings.model_copy(update={"file_bytes_max": 2_000}))
    found = error(client.post(UPLOADS, json=ASK | {"bytes": 2_001}), 413)
    assert "TOUCHSTONE_FILE_BYTES_MAX" in found["message"]


@pytest.mark.parametrize("size", [2_001, 2_000_000])
def test_a_part_over_the_limit_is_refused_with_the_setting_that_moves_it(
    client_of: ClientOf, settings: Settings, size: int
) -> None:
    client = client_of(settings.model_copy(update={"upload_part_bytes_max": 2_000}))
    upload_id = begun(client)
    assert "TOUCHSTONE_UPLOAD_PART_BYTES_MAX" in error(send(client, upload_id, b"x" * size), 413)["message"]
    assert blobs(settings) == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("file", ("blob", b"x"))], "send them in 'data'"),
        ([("data", ("blob", b"x")), ("data", ("blob", b"y"))], "two parts"),
        ([("other", (None, b"x"))], "holds no part"),
    ],
)
def test_a_form_that_is_no_part_is_refused_and_leaves_nothing(
    client: TestClient, settings: Settings, files: list[Any], said: str
) -> None:
    answer = client.post(f"{UPLOADS}/{begun(client)}/parts", files=files)
    assert said in error(answer)["message"]
    assert blobs(settings) == []


def test_a_part_without_a_filename_is_a_part(client: TestClient) -> None:
    upload_id = begun(client)
    sent = client.post(f"{UPLOADS}/{upload_id}/parts", files={"data": (None, b"hello world\n")})
    assert content(client, complete(client, upload_id, [sent.json()["id"]])) == b"hello world\n"


def test_an_upload_goes_on_at_another_server_over_the_same_storage(client_of: ClientOf, settings: Settings) -> None:
    before, after = client_of(settings), client_of(settings)
    upload_id = begun(before)
    part_ids = [part(before, upload_id, b"hello "), part(after, upload_id, b"world\n")]
    assert content(after, complete(after, upload_id, part_ids)) == b"hello world\n"


def test_an_upload_of_another_owner_answers_as_one_that_never_was(client_of: ClientOf, settings: Settings) -> None:
    keys = (SecretStr("alice-3f9c41d27ab8e605"), SecretStr("bob-c07e58a1946d2bf3"))
    client = client_of(settings.model_copy(update={"api_keys": keys}))
    upload_id = client.post(UPLOADS, json=ASK, headers=ALICE).json()["id"]
    sent = client.post(f"{UPLOADS}/{upload_id}/parts", files={"data": ("a", b"hello world\n")}, headers=ALICE).json()

    def tried(tried_id: str) -> list[str]:
        path = f"{UPLOADS}/{tried_id}"
        answers = [
            client.post(f"{path}/parts", files={"data": ("a", b"x")}, headers=BOB),
            client.post(f"{path}/complete", json={"part_ids": [sent["id"]]}, headers=BOB),
            client.post(f"{path}/cancel", headers=BOB),
        ]
        assert [answer.status_code for answer in answers] == [404] * 3
        return [answer.text.replace(tried_id, "") for answer in answers]

    assert tried(upload_id) == tried("upload_never")
    assert client.post(f"{UPLOADS}/{upload_id}/complete", json={"part_ids": [sent["id"]]}, headers=ALICE).is_success
