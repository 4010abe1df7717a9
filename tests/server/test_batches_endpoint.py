"""`/v1/batches` as a caller meets it: what is refused, and in which words."""

from typing import Any

import pytest
from starlette.testclient import TestClient

BATCH = {"input_file_id": "file-1", "endpoint": "/v1/chat/completions", "completion_window": "24h"}


def error_of(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


def test_a_list_without_batches_has_every_field(client: TestClient) -> None:
    assert client.get("/v1/batches").json() == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
        "count": 0,
        "page": 1,
        "page_count": -1,
        "items_per_page": 20,
    }


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "ten", "", "٣", "9" * 5000])
def test_a_limit_that_is_none_is_refused(client: TestClient, limit: str) -> None:
    error = error_of(client.get("/v1/batches", params={"limit": limit}), 400)
    assert error["param"] == "limit"
    assert "from 1 to 100" in error["message"]


def test_a_query_that_says_two_things_is_refused(client: TestClient) -> None:
    assert error_of(client.get("/v1/batches?limit=1&limit=2"), 400)["param"] == "limit"


def test_a_list_that_goes_on_after_nothing_is_refused(client: TestClient) -> None:
    error = error_of(client.get("/v1/batches?after=batch_1"), 404)
    assert (error["code"], error["param"]) == ("not_found", "after")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/batches/batch_1"), ("POST", "/v1/batches/batch_1/cancel")])
def test_a_batch_that_never_was_is_not_found(client: TestClient, method: str, path: str) -> None:
    error = error_of(client.request(method, path), 404)
    assert (error["code"], error["param"]) == ("not_found", "batch_id")
    assert error["message"].endswith("GET /v1/batches lists yours")


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/v1/batches", "PUT", {"GET", "HEAD", "POST"}),
        ("/v1/batches/batch_1", "POST", {"GET", "HEAD"}),
        ("/v1/batches/batch_1/cancel", "GET", {"POST"}),
    ],
)
def test_a_method_that_a_path_does_not_take_is_told_which_it_takes(
    client: TestClient, path: str, method: str, allowed: set[str]
) -> None:
    answer = client.request(method, path)
    assert error_of(answer, 405)["code"] == "method_not_allowed"
    assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    ("change", "param", "says"),
    [
        ({"input_file_id": None}, "input_file_id", "string"),
        ({"input_file_id": ""}, "input_file_id", "at least 1 character"),
        ({"endpoint": "/v1/responses"}, "endpoint", "/v1/verify/reliability"),
        ({"completion_window": "1y"}, "completion_window", '"30m"'),
        ({"completion_window": "15d"}, "completion_window", "14 days"),
        ({"metadata": {"a": 1}}, "metadata.a", "text"),
        ({"metadata": {str(n): "" for n in range(17)}}, "metadata", "16"),
        ({"metadata": {"k" * 65: ""}}, "metadata", "64"),
        ({"metadata": {"a": "v" * 513}}, "metadata.a", "512"),
        ({"output_expires_after": {"anchor": "created_at", "seconds": 60}}, "output_expires_after.seconds", "3,600"),
        ({"output_expires_after": {"seconds": 3600}}, "output_expires_after.anchor", "required"),
        ({"meta_data": {}}, "meta_data", "did you mean 'metadata'"),
        ({"priority": "urgent"}, "priority", "input should be 'low', 'normal' or 'high' (got 'urgent')"),
        ({"priority": 1}, "priority", "(got 1)"),
    ],
)
def test_what_is_wrong_with_a_new_batch_is_said(
    client: TestClient, change: dict[str, Any], param: str, says: str
) -> None:
    error = error_of(client.post("/v1/batches", json=BATCH | change), 400)
    assert error["param"] == param
    assert says in error["message"]


def test_a_whole_number_may_be_written_with_a_point(client: TestClient) -> None:
    """Its form is right, so that it fails for its file."""
    expires = {"anchor": "created_at", "seconds": 3600.0}
    error = error_of(client.post("/v1/batches", json=BATCH | {"output_expires_after": expires}), 404)
    assert error["param"] == "input_file_id"


def test_a_batch_of_a_file_that_is_not_there_is_refused(client: TestClient) -> None:
    error = error_of(client.post("/v1/batches", json=BATCH), 404)
    assert (error["code"], error["param"]) == ("not_found", "input_file_id")
    assert error["message"].endswith("GET /v1/files lists yours")


def test_the_figures_know_the_routes_and_not_what_a_caller_typed(client: TestClient) -> None:
    client.get("/v1/batches/batch_of_somebody")
    figures = client.get("/metrics").text
    assert 'route="/v1/batches/{batch_id}"' in figures
    assert "somebody" not in figures
