"""Starting where it cannot be, stopping while requests run, and two servers with one data folder."""

import contextlib
import json
import re
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from harness import REPOSITORY, RunningServer

from tests.robustness.command_line import COMMAND, TIMEOUT_S, environment, touchstone, touchstone_here
from tests.robustness.raw_http import connection, post, post_head, read_answer, read_to_end, read_until
from tests.robustness.waiting import wait_until

VERIFY = "/v1/verify/reliability"
CLAIMS = 20
LONG = {
    "prompt": "How tall are the towers?",
    "output": " ".join(f"Tower {number} is {number} metres tall." for number in range(CLAIMS)),
}
GENERAL = {"prompt": "When was the Marlow bridge opened?", "output": "The Marlow bridge was opened in 1937."}
FILES = 10
QUESTIONS_MAX = 40  # to each server while files are added; more would only slow the adding

Start = Callable[..., RunningServer]


@pytest.mark.process
def test_a_port_in_use_ends_the_start_with_2_and_names_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = touchstone(tmp_path / "data", "serve", "--port", str(port))
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_an_address_that_others_reach_is_refused_without_keys(tmp_path: Path, host: str) -> None:
    done = touchstone_here(tmp_path / "data", "serve", "--port", "0", "--host", host)
    assert done.exit_code == 2
    assert host in done.stderr
    assert "touchstone keys create NAME" in done.stderr
    assert "TOUCHSTONE_API_KEYS" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("how", ["revoke", "expire"])
def test_keys_that_open_nothing_any_more_are_none(tmp_path: Path, how: str) -> None:
    data = tmp_path / "data"
    assert touchstone_here(data, "keys", "create", "ann").exit_code == 0
    if how == "revoke":
        touchstone_here(data, "keys", "revoke", "ann")
    else:
        with contextlib.closing(sqlite3.connect(data / "store.sqlite3")) as store, store:
            store.execute("UPDATE api_keys SET expires_at = 1")
    done = touchstone_here(data, "serve", "--port", "0", "--require-keys")
    assert done.exit_code == 2
    assert "require_keys is set" in done.stderr
    assert "none that still opens anything" in done.stderr


def test_weak_keys_are_refused_by_number_and_not_shown(tmp_path: Path) -> None:
    done = touchstone_here(tmp_path / "data", "serve", "--port", "0", "--api-key", "YOUR_API_KEY")
    assert done.exit_code == 2
    assert "the key is a placeholder" in done.stderr
    assert "YOUR_API_KEY" not in done.stderr


def test_a_store_that_cannot_be_asked_for_the_keys_that_are_needed_ends_the_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "store.sqlite3").write_bytes(b"this is no database" * 100)
    done = touchstone_here(data, "serve", "--port", "0", "--require-keys")
    assert done.exit_code == 2
    assert "store.sqlite3 cannot be used now" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_of_the_store_opens_one_address_or_all_and_no_sample_is_sent(tmp_path: Path, start_server: Start) -> None:
    key = json.loads(touchstone_here(tmp_path / "data", "keys", "create", "ann", "--json").stdout)["key"]
    server = start_server("--host", "0.0.0.0", "--sample", data_dir=tmp_path / "data")
    assert "settings_keys=0 stored_keys=1" in server.log()
    with server.client() as client:
        assert client.get("/v1/models").status_code == 401
        assert client.get("/v1/models", headers={"x-api-key": key}).status_code == 200
    wait_until(lambda: "No sample is sent" in server.log(), "it says why no sample is sent")
    wait_until(lambda: "Ctrl-C stops" in server.log(), "it says how to go on")
    assert '"Authorization": "Bearer YOUR_API_KEY"' in server.log()


def test_a_key_that_is_revoked_by_command_opens_nothing_a_second_later_at_any_server_on_the_store(
    tmp_path: Path, start_server: Start
) -> None:
    data = tmp_path / "data"
    key = json.loads(touchstone_here(data, "keys", "create", "ann", "--json").stdout)
    servers = [start_server("--require-keys", data_dir=data) for _ in range(2)]
    headers = {"authorization": f"Bearer {key['key']}"}
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.client(headers=headers)) for server in servers]

        def opens() -> list[bool]:
            return [client.get("/v1/models").status_code == 200 for client in clients]

        assert opens() == [True, True]
        new = json.loads(touchstone_here(data, "keys", "create", "bob", "--json").stdout)
        for client in clients:
            assert client.get("/v1/models", headers={"authorization": f"Bearer {new['key']}"}).status_code == 200
        assert touchstone_here(data, "keys", "revoke", "ann").exit_code == 0
        revoked_at = time.monotonic()
        wait_until(lambda: time.monotonic() - revoked_at >= 1.0, "the second is over")
        assert opens() == [False, False]


def test_a_use_just_before_a_stop_in_order_is_kept(tmp_path: Path, start_server: Start) -> None:
    data = tmp_path / "data"
    key = json.loads(touchstone_here(data, "keys", "create", "ann", "--json").stdout)["key"]
    server = start_server("--require-keys", data_dir=data)
    with server.client(headers={"x-api-key": key}) as client:
        assert client.get("/v1/models").status_code == 200
    assert server.stop() == 0
    (ann,) = json.loads(touchstone_here(data, "keys", "list", "--json").stdout)
    assert ann["last_used_at"] >= ann["created_at"]


def test_with_keys_it_listens_everywhere_and_asks_for_them(start_server: Start) -> None:
    server = start_server("--host", "0.0.0.0", TOUCHSTONE_API_KEYS="a-long-key-of-this-test")
    with server.client() as client:
        assert client.post(VERIFY, json=GENERAL).status_code == 401
        assert client.post(VERIFY, json=GENERAL, headers={"x-api-key": "a-long-key-of-this-test"}).status_code == 200


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT], ids=lambda sent: sent.name)
def test_told_to_stop_it_finishes_what_runs_and_ends_with_0(start_server: Start, sent: signal.Signals) -> None:
    """One runs, and two have not sent their last byte, so that all three are there at the stop on any machine."""
    server = start_server("--running-max", "1", "--stop-timeout-s", "300", "--body-timeout-s", "300")
    long, general = post(VERIFY, LONG), post(VERIFY, GENERAL)
    with connection(server.url) as streamed, connection(server.url) as plain, connection(server.url) as waiting:
        plain.sendall(long[:-1])
        waiting.sendall(general[:-1])
        wait_until(lambda: in_flight(server) == 2, "the requests are being served")
        streamed.sendall(post(VERIFY, LONG | {"stream": True}))
        begun = read_until(streamed, b"event: claim")
        server.process.send_signal(sent)
        wait_until(lambda: not accepts(server), "the server takes no more connections")
        plain.sendall(long[-1:])
        waiting.sendall(general[-1:])
        answer = read_answer(plain)
        assert answer.status == 200
        assert len(json.loads(answer.body)["claims"]) == CLAIMS
        assert read_answer(waiting).status == 200
        whole = begun + read_to_end(streamed)
        assert whole.startswith(b"HTTP/1.1 200")
        assert b"event: verdict" in whole
        assert b"[DONE]" in whole
    assert server.process.wait(TIMEOUT_S) == 0
    assert "Traceback" not in server.log()


def test_told_to_stop_it_does_not_wait_for_ever(start_server: Start) -> None:
    """A client that never sends the rest of its body must not keep the server from ending. It is told why it ends."""
    server = start_server("--stop-timeout-s", "1")
    with connection(server.url) as opened:
        opened.sendall(post_head(VERIFY, "Content-Length: 100"))
        wait_until(lambda: in_flight(server) == 1, "the request is being served")
        server.process.send_signal(signal.SIGTERM)
        answer = read_answer(opened)
        assert (answer.status, json.loads(answer.body)["error"]["code"]) == (503, "stopping")
        assert server.process.wait(TIMEOUT_S) == 0
    assert "Traceback" not in server.log()


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT], ids=lambda sent: sent.name)
def test_a_second_ctrl_c_ends_it_at_once(start_server: Start, first: signal.Signals) -> None:
    server = start_server("--stop-timeout-s", "300", "--body-timeout-s", "300")
    with connection(server.url) as opened:
        opened.sendall(post_head(VERIFY, "Content-Length: 100"))
        wait_until(lambda: in_flight(server) == 1, "the request is being served")
        server.process.send_signal(first)
        wait_until(lambda: not accepts(server), "the server takes no more connections")
        assert server.process.poll() is None
        server.process.send_signal(signal.SIGINT)
        server.process.wait(TIMEOUT_S)


def in_flight(server: RunningServer) -> int:
    """Requests that are being served, beside the one that asks."""
    with server.client() as client:
        found = re.search(r"^touchstone_requests_in_flight (\S+)$", client.get("/metrics").text, re.MULTILINE)
    assert found
    return int(float(found[1])) - 1


def accepts(server: RunningServer) -> bool:
    try:
        httpx.get(server.url + "/health", trust_env=False, timeout=60)
    except httpx.TransportError:
        return False
    return True


def test_two_servers_and_two_adders_share_one_data_folder(tmp_path: Path, start_server: Start) -> None:
    data = tmp_path / "data"
    for half in ("first", "second"):
        (tmp_path / half).mkdir()
        for number in range(FILES):
            text = f"The {half} bridge number {number} was opened in {1900 + number}. "
            (tmp_path / half / f"{number}.txt").write_text(text * 5)
    (tmp_path / "first" / "marlow.txt").write_text("The Marlow bridge was opened in 1937.")
    servers = [start_server(data_dir=data), start_server(data_dir=data)]
    adders = [
        subprocess.Popen(
            [*COMMAND, "corpus", "add", "--json", str(tmp_path / half)],
            cwd=REPOSITORY,
            env=environment(data),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for half in ("first", "second")
    ]

    def ask(server: RunningServer) -> list[int]:
        statuses = []
        with server.client() as client:
            while not statuses or (len(statuses) < QUESTIONS_MAX and any(adder.poll() is None for adder in adders)):
                statuses.append(client.post(VERIFY, json=GENERAL).status_code)
        return statuses

    with ThreadPoolExecutor() as threads:
        asked = list(threads.map(ask, servers))
    for adder in adders:
        out, err = adder.communicate(timeout=TIMEOUT_S)
        assert adder.returncode == 0, err
        assert {report["outcome"] for report in json.loads(out)} == {"added"}
    assert {status for statuses in asked for status in statuses} == {200}
    listed = json.loads(touchstone_here(data, "corpus", "list", "--json").stdout)
    assert len(listed) == 2 * FILES + 1
    for server in servers:
        with server.client() as client:
            assert client.post(VERIFY, json=GENERAL).json()["verdict"] == "supported"


@pytest.mark.fuzz
def test_a_server_that_is_killed_leaves_a_data_folder_that_works(tmp_path: Path, start_server: Start) -> None:
    (tmp_path / "marlow.txt").write_text("The Marlow bridge was opened in 1937.")
    server = start_server(data_dir=tmp_path / "data")
    assert touchstone_here(tmp_path / "data", "corpus", "add", str(tmp_path / "marlow.txt")).exit_code == 0
    with server.client() as client:
        assert client.post(VERIFY, json=GENERAL).json()["verdict"] == "supported"
    server.process.kill()
    server.process.wait(TIMEOUT_S)
    with start_server(data_dir=tmp_path / "data").client() as client:
        assert client.post(VERIFY, json=GENERAL).json()["verdict"] == "supported"
