"""Every engine's own "no", read into OpenAI's error object."""

import pytest

from inference.engine.refusal import refusal_of
from inference.errors import (
    BadInput,
    ContextTooLong,
    EngineError,
    EngineUnavailable,
    ModelNotFound,
    Overloaded,
    TouchstoneError,
)


@pytest.mark.parametrize(
    ("status", "body", "said", "error"),
    [
        # vLLM
        (
            400,
            b'{"error": {"message": "This model\'s maximum context length is 16 tokens.", "type": "BadRequestError", '
            b'"param": "input_tokens", "code": 400}}',
            (400, "context_length_exceeded", "input_tokens"),
            ContextTooLong,
        ),
        (
            400,
            b'{"error": {"message": "The decoder prompt (length 99) is longer than the maximum model length of 16", '
            b'"type": "BadRequestError", "param": null, "code": 400}}',
            (400, "context_length_exceeded", None),
            ContextTooLong,
        ),
        (
            404,
            b'{"error": {"message": "The model `x` does not exist.", "type": "NotFoundError", "code": 404}}',
            (404, "model_not_found", None),
            ModelNotFound,
        ),
        (400, b'{"error": {"message": "bad temperature", "code": 400}}', (400, "invalid_input", None), BadInput),
        # llama.cpp
        (
            400,
            b'{"error": {"code": 400, "message": "the request exceeds the available context size", '
            b'"type": "exceed_context_size_error"}}',
            (400, "context_length_exceeded", None),
            ContextTooLong,
        ),
        (503, b'{"error": {"code": 503, "message": "Loading model"}}', (503, "engine_error", None), EngineUnavailable),
        # FastAPI, Ollama, a proxy, a hosted service
        (422, b'{"detail": [{"loc": ["body"]}]}', (422, "invalid_input", None), BadInput),
        (404, b'{"detail": "Not Found"}', (404, "not_found", None), ModelNotFound),
        (400, b'{"error": "invalid options"}', (400, "invalid_input", None), BadInput),
        (413, b"<html>too large</html>", (413, "too_large", None), BadInput),
        (429, b'{"error": {"message": "slow down", "code": "tokens"}}', (429, "tokens", None), Overloaded),
        (429, b"", (429, "rate_limit_exceeded", None), Overloaded),
        (401, b'{"error": "Unauthorized"}', (401, "engine_error", None), EngineError),
        (500, b'{"error": {"message": "CUDA error", "code": 500}}', (500, "engine_error", None), EngineError),
        (307, b"", (307, "engine_error", None), EngineError),
        (400, b'{"error": null}', (400, "invalid_input", None), BadInput),
        (400, b"[1]", (400, "invalid_input", None), BadInput),
    ],
)
def test_a_refusal_is_read_whatever_its_shape(
    status: int, body: bytes, said: tuple[int, str, str | None], error: type[TouchstoneError]
) -> None:
    refusal = refusal_of(status, body, "http://engine/v1")
    assert (refusal.status, refusal.code, refusal.param) == said
    assert type(refusal.as_error()) is error
    assert refusal.message


def test_what_the_engine_said_is_kept_and_a_silent_one_is_named() -> None:
    assert refusal_of(400, b'{"error": {"message": "no such tool"}}', "e").message == "no such tool"
    assert refusal_of(418, b"", "http://engine/v1").message == "the engine http://engine/v1 answered 418"
    assert "CUDA" in refusal_of(500, b'{"error": {"message": "CUDA error"}}', "e").message


def test_an_engine_that_refuses_our_key_is_the_operators_to_mend() -> None:
    assert "TOUCHSTONE_ENGINE_KEY" in refusal_of(401, b'{"error": {"message": "Incorrect key sk-1"}}', "e").message
