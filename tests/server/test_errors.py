"""Every error of the tree has its place on the wire."""

from collections.abc import Iterator

import pytest

from inference import errors
from server.errors import TABLE, object_of, response_of, row_of
from server.mcp.outcome import words_of

CONTRACT = {
    "invalid_input": 400,
    "body_timeout": 408,
    "too_large": 413,
    "context_length_exceeded": 400,
    "engine_error": 503,
    "engine_unavailable": 503,
    "engine_unreadable": 502,
    "sampling_refused": 502,
    "model_not_found": 404,
    "search_failed": 503,
    "corpus_empty": 503,
    "corpus_unreadable": 503,
    "evidence_unavailable": 503,
    "evidence_error": 503,
    "judge_unavailable": 503,
    "judge_unreadable": 502,
    "judge_error": 503,
    "range_not_satisfiable": 416,
    "not_found": 404,
    "wrong_state": 400,
    "storage_error": 503,
    "store_unavailable": 503,
    "blobs_unavailable": 503,
    "encoder_unavailable": 503,
    "rate_limit_exceeded": 429,
    "overloaded": 503,
    "deadline_exceeded": 504,
    "plan_not_found": 403,
    "settings_error": 500,
    "internal_error": 500,
}
"""What programs rely on. A code that changes here breaks somebody's error handling."""


AS_ITS_PARENT = {errors.BlobMissing}
"""Of the tree, and the same to callers as what it hangs off."""


def tree(root: type[errors.TouchstoneError]) -> Iterator[type[errors.TouchstoneError]]:
    """Those that leave the module they are raised in: what a module tells itself alone it keeps to itself."""
    yield root
    for child in root.__subclasses__():
        if child.__module__ in (errors.__name__, "server.errors"):
            yield from tree(child)


@pytest.mark.parametrize("cls", list(tree(errors.TouchstoneError)), ids=lambda cls: cls.__name__)
def test_every_error_has_a_row_of_its_own(cls: type[errors.TouchstoneError]) -> None:
    assert cls in TABLE or cls in AS_ITS_PARENT


def test_codes_and_statuses_are_those_that_programs_rely_on() -> None:
    assert {row.code: row.status for row in TABLE.values()} == CONTRACT
    assert len(TABLE) == len(CONTRACT)


def test_an_error_goes_out_in_openais_shape() -> None:
    error = errors.TooLarge("too much", "context")
    assert object_of(error) == {
        "error": {"message": "too much", "type": "invalid_request_error", "param": "context", "code": "too_large"}
    }
    assert response_of(error).status_code == 413


def test_a_passing_fault_says_when_to_try_again() -> None:
    response = response_of(errors.Overloaded("full"))
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")


def test_an_unknown_descendant_takes_its_ancestors_row() -> None:
    class Odd(errors.JudgeUnreadable):
        pass

    assert row_of(Odd("?")).code == "judge_unreadable"


def test_a_judge_that_fails_is_never_a_success() -> None:
    for cls in tree(errors.JudgeError):
        assert TABLE[cls].status >= 500
    for cls in tree(errors.EvidenceError):
        assert TABLE[cls].status >= 500


@pytest.mark.parametrize("kind", [errors.StoreUnavailable, errors.BlobsUnavailable, errors.BlobMissing])
def test_where_things_are_kept_stands_in_the_log_and_in_no_answer(
    kind: type[errors.StorageError], caplog: pytest.LogCaptureFixture
) -> None:
    error = kind("the database verify at db.internal:5432 cannot be used now")
    assert b"db.internal" not in bytes(response_of(error).body)
    assert "db.internal" not in words_of(error)
    assert "db.internal" in caplog.text
