"""`/v1/files` over REST: what is kept, in which order it is listed, how it is read, and what is refused and why."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from harness import ClientOf
from pydantic import SecretStr
from starlette.testclient import TestClient

from server.settings import Settings
from tests.robustness.waiting import wait_until

FILES = "/v1/files"
LINES = b'{"custom_id": "1"}\n' * 1000
ALICE, BOB = {"authorization": "Bearer alice-3f9c41d27ab8e605"}, {"authorization": "Bearer bob-c07e58a1946d2bf3"}


@pytest.fixture
def client(standing: Callable[..., TestClient]) -> Iterator[TestClient]:
    """A client of a server without files."""
    client = standing()
    yield client
    for file in client.get(FILES).json()["data"]:
        assert client.delete(f"{FILES}/{file['id']}").status_code == 200


def upload(
    client: TestClient, content: bytes = LINES, name: str = "requests.jsonl", purpose: str = "batch", **fields: str
) -> httpx.Response:
    return client.post(FILES, files={"file": (name, content)}, data={"purpose": purpose, **fields})


def kept(client: TestClient, content: bytes = LINES, name: str = "requests.jsonl", purpose: str = "batch") -> str:
    answer = upload(client, content, name, purpose)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def error(answer: httpx.Response, status: int = 400) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()["error"]
    return found


def blobs(client: TestClient) -> set[Path]:
    """What is kept. What was deleted is swept away later."""
    folder: Path = client.app.state.house.settings.blobs_dir  # type: ignore[attr-defined]  # Starlette's
    return {path for path in folder.rglob("*") if path.is_file()}


def raw_form(*parts: tuple[str, bytes], boundary: str = "b0", end: str = "--") -> tuple[bytes, dict[str, str]]:
    """A form written by hand: headers and content of each part."""
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {header}\r\n\r\n".encode() + content + b"\r\n"
        for header, content in parts
    )
    return body + f"--{boundary}{end}\r\n".encode(), {"content-type": f"multipart/form-data; boundary={boundary}"}


def post_raw(client: TestClient, *parts: tuple[str, bytes]) -> httpx.Response:
    body, headers = raw_form(*parts)
    return client.post(FILES, content=body, headers=headers)


FILE_PART = ('name="file"; filename="a.jsonl"', b"{}\n")
PURPOSE_PART = ('name="purpose"', b"batch")
TOO_MUCH = ("4,096 bytes", "more than 64 parts")


def test_an_uploaded_file_is_described_as_openai_describes_it(client: TestClient) -> None:
    body = upload(client).json()
    assert client.get(f"{FILES}/{body['id']}").json() == body
    assert body["id"].startswith("file-")
    assert isinstance(body.pop("created_at"), int)
    assert body == {
        "id": body["id"],
        "object": "file",
        "bytes": len(LINES),
        "filename": "requests.jsonl",
        "purpose": "batch",
        "status": "processed",
        "expires_at": None,
        "status_details": None,
    }


@pytest.mark.parametrize("parts", [(FILE_PART, PURPOSE_PART), (PURPOSE_PART, FILE_PART)], ids=["file first", "last"])
def test_the_fields_of_the_form_come_in_any_order(client: TestClient, parts: tuple[tuple[str, bytes], ...]) -> None:
    answer = post_raw(client, *parts)
    assert client.get(f"{FILES}/{answer.json()['id']}/content").content == b"{}\n"


def test_what_looks_like_a_boundary_is_kept_as_it_is(client: TestClient) -> None:
    content = b"\r\n--b\r\n--b1\r\n-\r\n\r\n--b" + bytes(range(256)) * 3000 + b"\r\n--"
    answer = post_raw(client, ('name="file"; filename="a.bin"', content), ('name="purpose"', b"user_data"))
    assert client.get(f"{FILES}/{answer.json()['id']}/content").content == content


def test_a_form_that_comes_byte_by_byte_is_read(client: TestClient) -> None:
    body, headers = raw_form(FILE_PART, PURPOSE_PART)
    pieces = (body[at : at + 1] for at in range(len(body)))
    answer = client.post(FILES, content=pieces, headers=headers)
    assert client.get(f"{FILES}/{answer.json()['id']}/content").content == b"{}\n"


def test_an_empty_file_is_kept(client: TestClient) -> None:
    file_id = kept(client, b"")
    answer = client.get(f"{FILES}/{file_id}/content")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")


def test_a_file_expires_when_it_was_asked_to(client: TestClient) -> None:
    fields = {"expires_after[anchor]": "created_at", "expires_after[seconds]": "3600"}
    body = upload(client, **fields).json()
    assert body["expires_at"] == body["created_at"] + 3600


@pytest.mark.parametrize(
    ("anchor", "seconds", "said"),
    [
        ("created_at", "3599", "not from 3,600"),
        ("created_at", "2592001", "to 2,592,000"),
        ("created_at", "soon", "whole number"),
        ("created_at", None, "whole number"),
        ("last_active_at", "3600", "created_at"),
        (None, "3600", "created_at"),
    ],
)
def test_an_expiry_that_cannot_be_is_refused(
    client: TestClient, anchor: str | None, seconds: str | None, said: str
) -> None:
    before = blobs(client)
    fields = {"expires_after[anchor]": anchor, "expires_after[seconds]": seconds}
    answer = upload(client, **{name: value for name, value in fields.items() if value is not None})
    assert said in error(answer)["message"]
    assert error(answer)["param"] == "expires_after"
    assert blobs(client) <= before


@pytest.mark.parametrize("name", ["expires_after", "expires_after.seconds", "expires_after[secs]", "expires_after[]"])
def test_an_expiry_in_a_field_of_another_name_is_refused_and_not_passed_over(client: TestClient, name: str) -> None:
    before = blobs(client)
    answer = upload(client, **{name: '{"anchor": "created_at", "seconds": 3600}'})
    assert "expires_after[seconds]" in error(answer)["message"]
    assert error(answer)["param"] == "expires_after"
    assert blobs(client) <= before


@pytest.mark.parametrize(
    ("parts", "param", "said"),
    [
        ([PURPOSE_PART], "file", "no file"),
        ([FILE_PART], "purpose", "purpose is required"),
        ([], "file", "no file"),
        ([FILE_PART, ('name="purpose"', b"assistants")], "purpose", "batch, fine-tune, user_data"),
        ([('name="purpose"', b"batch_output"), FILE_PART], "purpose", "batch, fine-tune, user_data"),
        ([FILE_PART, FILE_PART, PURPOSE_PART], "file", "two files"),
        ([FILE_PART, PURPOSE_PART, PURPOSE_PART], "purpose", "given twice"),
        ([('name="file"', b"{}"), PURPOSE_PART], "file", "-F file=@NAME"),
        ([('name="data"; filename="a"', b"{}"), PURPOSE_PART], "data", "send it in 'file'"),
        ([('name="file"; filename=""', b"{}"), PURPOSE_PART], "filename", "no name"),
        ([('name="file"; filename="a/"', b"{}"), PURPOSE_PART], "filename", "no name"),
        ([('name="file"; filename="/etc/.."', b"{}"), PURPOSE_PART], "filename", "no name"),
        ([("name=\"file\"; filename*=UTF-8''a.jsonl", b"{}"), PURPOSE_PART], "file", "no file"),
        ([('name="file"; filename="a\tb"', b"{}"), PURPOSE_PART], "filename", "control character"),
        ([(f'name="file"; filename="{"a" * 256}"', b"{}"), PURPOSE_PART], "filename", "256 characters"),
        ([FILE_PART, ('name="purpose"', b"\xff")], "purpose", "UTF-8"),
        ([FILE_PART, ('name="purpose"', b"a" * 5000)], "purpose", "4,096 bytes"),
        ([("filename=x", b"{}"), PURPOSE_PART], None, "no name"),
        ([FILE_PART] + [('name="other"', b"")] * 64, None, "more than 64 parts"),
    ],
)
def test_a_form_that_makes_no_file_is_refused_with_what_is_wrong_and_leaves_nothing(
    client: TestClient, parts: list[tuple[str, bytes]], param: str | None, said: str
) -> None:
    before = blobs(client)
    answer = post_raw(client, *parts)
    found = error(answer, 413 if said in TOO_MUCH else 400)
    assert said in found["message"]
    assert found["param"] == param
    assert client.get(FILES).json()["data"] == []
    assert blobs(client) <= before


@pytest.mark.parametrize(
    ("content_type", "body", "said"),
    [
        (None, b"", "no content-type"),
        ("application/json", b"{}", "'application/json'"),
        ("multipart/form-data", b"--b\r\n", "no boundary"),
        ("multipart/form-data; boundary=" + "b" * 257, b"--b\r\n", "no boundary"),
        ("multipart/form-data; boundary=b", b"", "breaks off"),
        ("multipart/form-data; boundary=b", b"no boundary at all", "cannot be read"),
        ("multipart/form-data; boundary=b", b"--b\r\nno header\r\n\r\n", "cannot be read"),
        ("multipart/form-data; boundary=b", b"--b\r\nA: " + b"a" * 9000 + b"\r\n\r\n", "header size"),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"A: a\r\n" * 17 + b"\r\n", "header count"),
    ],
)
def test_a_body_that_is_no_form_is_refused_with_what_is_wrong(
    client: TestClient, content_type: str | None, body: bytes, said: str
) -> None:
    answer = client.post(FILES, content=body, headers={"content-type": content_type} if content_type else {})
    assert said in error(answer)["message"]


def test_a_compressed_form_is_refused_with_what_to_do(client: TestClient) -> None:
    before = blobs(client)
    body, headers = raw_form(FILE_PART, PURPOSE_PART)
    answer = client.post(FILES, content=gzip.compress(body), headers={**headers, "content-encoding": "gzip"})
    assert "not compressed" in error(answer)["message"]
    plain = client.post(FILES, content=body, headers={**headers, "content-encoding": "identity"})
    assert plain.status_code == 200
    assert len(blobs(client) - before) == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('a"b\\c;d=e.txt', "c;d=e.txt"),
        ("é\u2028試.jsonl", "???.jsonl"),
        ("%0d%0aset-cookie: a", "%0d%0aset-cookie: a"),
        ("x\u202egnp.exe", "x?gnp.exe"),
    ],
)
def test_a_name_cannot_say_more_in_a_header_than_what_it_is(client: TestClient, name: str, shown: str) -> None:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    sent = post_raw(client, (f'name="file"; filename="{escaped}"', b"{}"), PURPOSE_PART).json()
    headers = client.get(f"{FILES}/{sent['id']}/content").headers
    whole = quote(sent["filename"], safe="")
    assert headers["content-disposition"] == f"attachment; filename=\"{shown}\"; filename*=UTF-8''{whole}"
    assert "set-cookie" not in headers


@pytest.mark.parametrize("parts", [(FILE_PART, PURPOSE_PART), (FILE_PART,)])
def test_a_form_that_breaks_off_makes_no_file(client: TestClient, parts: tuple[tuple[str, bytes], ...]) -> None:
    before = blobs(client)
    body, headers = raw_form(*parts, end="")
    for sent in (body, body[:-20]):
        assert "breaks off" in error(client.post(FILES, content=sent, headers=headers))["message"]
    assert blobs(client) <= before


@pytest.mark.parametrize("size", [2_001, 2_000_000])
def test_a_file_over_the_limit_is_refused_with_the_setting_that_moves_it(
    client_of: ClientOf, settings: Settings, size: int
) -> None:
    settings = settings.model_copy(update={"file_bytes_max": 2_000})
    client = client_of(settings)
    found = error(upload(client, b"x" * size), 413)
    assert (found["code"], "TOUCHSTONE_FILE_BYTES_MAX" in found["message"]) == ("too_large", True)
    assert blobs(client) == set()
    assert upload(client, b"x" * 2_000).status_code == 200


def test_a_file_may_be_larger_than_other_bodies(client_of: ClientOf, settings: Settings) -> None:
    client = client_of(settings.model_copy(update={"body_bytes_max": 1_024}))
    assert upload(client, b"x" * 100_000).json()["bytes"] == 100_000


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("C:\\data\\requests.jsonl", "requests.jsonl"),
        ("../../etc/passwd", "passwd"),
        ("Prüfung 試験.jsonl", "Prüfung 試験.jsonl"),
        ('a"b\\".jsonl', '".jsonl'),
    ],
)
def test_a_name_is_kept_without_folders(client: TestClient, sent: str, name: str) -> None:
    escaped = sent.replace("\\", "\\\\").replace('"', '\\"')
    body = post_raw(client, (f'name="file"; filename="{escaped}"', b"{}"), PURPOSE_PART).json()
    assert body["filename"] == name


def test_a_file_is_read_whole_with_its_name_and_kind(client: TestClient) -> None:
    file_id = kept(client, name='Prüf "1".jsonl')
    answer = client.get(f"{FILES}/{file_id}/content")
    assert answer.content == LINES
    assert answer.headers["content-type"] == "application/jsonl"
    assert answer.headers["content-length"] == str(len(LINES))
    assert answer.headers["accept-ranges"] == "bytes"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="Pr?f ')
    assert "filename*=UTF-8''Pr%C3%BCf%20" in disposition


def test_what_a_file_for_anything_holds_is_not_guessed(client: TestClient) -> None:
    answer = client.get(f"{FILES}/{kept(client, b'<html>', 'a.html', 'user_data')}/content")
    assert answer.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-", 5, len(LINES)),
        ("bytes=-5", len(LINES) - 5, len(LINES)),
        ("bytes=-99999999", 0, len(LINES)),
        ("bytes=10-99999999", 10, len(LINES)),
        ("Bytes= 3-7", 3, 8),
    ],
)
def test_a_range_of_a_file_is_read(client: TestClient, asked: str, start: int, end: int) -> None:
    answer = client.get(f"{FILES}/{kept(client)}/content", headers={"range": asked})
    assert answer.status_code == 206
    assert answer.content == LINES[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(LINES)}"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=7-3", "bytes=0-1,3-4", "lines=0-1", "nonsense", "bytes=a-b"])
def test_what_is_no_single_range_is_answered_with_the_whole(client: TestClient, asked: str) -> None:
    answer = client.get(f"{FILES}/{kept(client)}/content", headers={"range": asked})
    assert (answer.status_code, answer.content) == (200, LINES)


@pytest.mark.parametrize(
    ("content", "asked"), [(LINES, f"bytes={len(LINES)}-"), (LINES, "bytes=-0"), (b"", "bytes=0-")]
)
def test_a_range_with_nothing_in_it_is_refused(client: TestClient, content: bytes, asked: str) -> None:
    answer = client.get(f"{FILES}/{kept(client, content)}/content", headers={"range": asked})
    assert error(answer, 416)["code"] == "range_not_satisfiable"
    assert answer.headers["content-range"] == f"bytes */{len(content)}"


def test_a_part_of_another_file_is_not_gone_on_with(client: TestClient) -> None:
    path = f"{FILES}/{kept(client)}/content"
    etag = client.get(path).headers["etag"]
    assert client.get(path, headers={"range": "bytes=0-9", "if-range": etag}).status_code == 206
    assert client.get(path, headers={"range": "bytes=0-9", "if-range": '"other"'}).content == LINES


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("named", ["{etag}", "W/{etag}", '"another", {etag}', "*"])
def test_a_file_that_is_had_already_is_not_sent_again(client: TestClient, method: str, named: str) -> None:
    path = f"{FILES}/{kept(client)}/content"
    etag = client.get(path).headers["etag"]
    asked = {"if-none-match": named.format(etag=etag), "range": "bytes=0-9"}
    answer = client.request(method, path, headers=asked)
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)


@pytest.mark.parametrize("named", ['"another"', "{bare}", '"{bare}', '"x{bare}"', ""])
def test_a_file_is_sent_to_who_has_another(client: TestClient, named: str) -> None:
    path = f"{FILES}/{kept(client)}/content"
    bare = client.get(path).headers["etag"].strip('"')
    answer = client.get(path, headers={"if-none-match": named.format(bare=bare)})
    assert (answer.status_code, answer.content) == (200, LINES)


def test_the_head_of_a_file_says_how_long_it_is(client: TestClient) -> None:
    answer = client.head(f"{FILES}/{kept(client)}/content")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, str(len(LINES)), b"")


@pytest.fixture
def five(client: TestClient) -> list[str]:
    """Five files, the oldest first; the third is for another purpose."""
    return [kept(client, name=f"{number}", purpose="user_data" if number == 2 else "batch") for number in range(5)]


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [file["id"] for file in answer.json()["data"]]


def test_files_are_listed_the_newest_first(client: TestClient, five: list[str]) -> None:
    answer = client.get(FILES)
    body = answer.json()
    assert ids(answer) == five[::-1]
    assert (body["object"], body["first_id"], body["last_id"], body["has_more"]) == ("list", five[4], five[0], False)
    assert ids(client.get(FILES, params={"order": "asc"})) == five


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_list_goes_on_after_the_last_file_of_a_page(client: TestClient, five: list[str], order: str) -> None:
    def pages() -> Iterator[str]:
        after = None
        while True:
            params = {"limit": 2, "order": order} | ({"after": after} if after else {})
            answer = client.get(FILES, params=params)
            yield from ids(answer)
            after = answer.json()["last_id"]
            if not answer.json()["has_more"]:
                return

    assert list(pages()) == (five if order == "asc" else five[::-1])


def test_files_are_listed_by_their_purpose(client: TestClient, five: list[str]) -> None:
    assert ids(client.get(FILES, params={"purpose": "user_data"})) == [five[2]]
    empty = client.get(FILES, params={"purpose": "assistants"}).json()
    assert empty == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "limit"),
        ("limit=10001", "limit"),
        ("limit=ten", "limit"),
        ("order=newest", "order"),
        ("order=", "order"),
        ("limit=", "limit"),
        ("purpose=", "purpose"),
        ("purpose=batches", "purpose"),
        ("purpose=batch&purpose=batch", "purpose"),
    ],
)
def test_a_list_that_cannot_be_is_refused(client: TestClient, query: str, param: str) -> None:
    assert error(client.get(f"{FILES}?{query}"))["param"] == param


def test_a_list_after_what_is_no_id_of_a_file_is_refused(client: TestClient) -> None:
    assert error(client.get(FILES, params={"after": "file-none"}), 404)["param"] == "after"


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_list_goes_on_after_a_file_that_was_deleted_meanwhile(
    client: TestClient, five: list[str], order: str
) -> None:
    in_order = five if order == "asc" else five[::-1]
    for gone in in_order[:3]:
        client.delete(f"{FILES}/{gone}")
    assert ids(client.get(FILES, params={"after": in_order[1], "order": order})) == in_order[3:]


def test_a_deleted_file_is_gone_with_its_bytes(client: TestClient) -> None:
    file_id = kept(client)
    assert client.delete(f"{FILES}/{file_id}").json() == {"id": file_id, "object": "file", "deleted": True}
    assert client.get(FILES).json()["data"] == []
    for answer in (client.get(f"{FILES}/{file_id}"), client.get(f"{FILES}/{file_id}/content")):
        assert error(answer, 404)["code"] == "not_found"
    assert error(client.delete(f"{FILES}/{file_id}"), 404)["code"] == "not_found"


def test_a_file_is_there_for_another_server_over_the_same_storage(client_of: ClientOf, settings: Settings) -> None:
    file_id = kept(client_of(settings))
    assert client_of(settings).get(f"{FILES}/{file_id}/content").content == LINES


@pytest.mark.parametrize("file_id", ["file-none", "a%00b", "ä", "a" * 1000, "..%2f..%2fetc"])
def test_an_id_of_no_file_is_not_found(client: TestClient, file_id: str) -> None:
    for answer in (client.get(f"{FILES}/{file_id}"), client.get(f"{FILES}/{file_id}/content")):
        assert error(answer, 404)["code"] == "not_found"


def test_a_file_of_another_owner_answers_as_one_that_never_was(client_of: ClientOf, settings: Settings) -> None:
    keys = (SecretStr("alice-3f9c41d27ab8e605"), SecretStr("bob-c07e58a1946d2bf3"))
    client = client_of(settings.model_copy(update={"api_keys": keys}))
    sent = client.post(FILES, files={"file": ("a", b"secret")}, data={"purpose": "batch"}, headers=ALICE)
    file_id = sent.json()["id"]
    assert client.get(FILES, headers=BOB).json()["data"] == []
    for method, path in [("GET", ""), ("GET", "/content"), ("HEAD", "/content"), ("DELETE", "")]:
        answers = [client.request(method, f"{FILES}/{name}{path}", headers=BOB) for name in (file_id, "file-never")]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].text.replace(file_id, "file-never") == answers[1].text
    never = file_id[:-1] + ("0" if file_id[-1] != "0" else "1")
    after = [client.get(FILES, params={"after": name}, headers=BOB).text for name in (file_id, never)]
    assert after[0] == after[1]
    assert client.get(f"{FILES}/{file_id}/content", headers=ALICE).content == b"secret"


def test_the_input_of_a_batch_is_kept_until_the_batch_has_ended(client_of: ClientOf, settings: Settings) -> None:
    client = client_of(settings.model_copy(update={"executor": "none"}))
    file_id = kept(client)
    asked = {"input_file_id": file_id, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    assert client.post("/v1/batches", json=asked).status_code == 200
    found = error(client.delete(f"{FILES}/{file_id}"))
    assert (found["code"], found["param"]) == ("wrong_state", "file_id")
    working = client_of(settings)  # the lines are no requests, so the batch fails
    wait_until(lambda: working.delete(f"{FILES}/{file_id}").status_code == 200, "the batch has ended")
