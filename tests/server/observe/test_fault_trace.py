"""A fault in the log says where and what kind, and none of its own words."""

import json

import pytest

from server.observe.fault_trace import DEPTH_MAX, trace_of

SENT = "what-a-caller-sent"


def raised(*errors: BaseException) -> BaseException:
    """The last of them, each raised from the one before."""
    cause: BaseException | None = None
    for error in errors:
        try:
            raise error from cause
        except BaseException as caught:  # noqa: BLE001  of whatever kind
            cause = caught
    assert cause is not None
    return cause


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"cannot read {SENT}"),
        KeyError(SENT),
        json.JSONDecodeError(SENT, SENT, 0),
        UnicodeDecodeError("utf-8", SENT.encode(), 0, 1, SENT),
        FileNotFoundError(2, "No such file", f"/tmp/{SENT}"),  # noqa: S108  no file of ours
        AssertionError(SENT),
        ExceptionGroup(SENT, [ValueError(SENT), KeyError(SENT)]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_it_names_the_kind_and_the_place_and_quotes_nothing(error: Exception) -> None:
    for trace in (trace_of(raised(error)), trace_of(raised(error, RuntimeError(SENT)))):
        assert type(error).__name__ in trace
        assert "test_fault_trace.py" in trace
        assert "raise error from cause" in trace
        assert SENT not in trace


def test_it_says_what_python_says_of_code() -> None:
    assert "'NoneType' object has no attribute 'x'" in trace_of(
        raised(AttributeError("'NoneType' object has no attribute 'x'"))
    )
    assert "[Errno 28] No space left on device" in trace_of(raised(OSError(28, "No space left on device", SENT)))


def test_it_tells_the_cause_before_what_came_of_it() -> None:
    trace = trace_of(raised(ValueError("a"), RuntimeError("b")))
    assert trace.index("ValueError") < trace.index("direct cause") < trace.index("RuntimeError")


def test_it_tells_what_it_came_in_the_midst_of() -> None:
    error = RuntimeError()
    error.__context__ = raised(ValueError())
    assert "During handling" in trace_of(error)


def test_a_long_chain_is_cut() -> None:
    trace = trace_of(raised(*(ValueError(str(number)) for number in range(100))))
    assert trace.count("Traceback") == DEPTH_MAX
