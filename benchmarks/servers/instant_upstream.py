"""An engine that answers at once, on bare sockets: so cheap that what stands before it is what is measured.

`python -m benchmarks.servers.instant_upstream PORT`. A request whose body has `"stream": true` gets CHUNKS events: all
as fast as they are taken, or one each PAUSE_S if the model is "paced". Every other request gets a short completion.
"""

import asyncio
import json
import sys
from typing import Any, cast

CHUNKS = 100
PAUSE_S = 0.005
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"


def _head(kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": "instant"}


def _whole(value: object) -> bytes:
    body = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


_MESSAGE = {"role": "assistant", "content": "The Eiffel Tower stands in Paris."}
_COMPLETION = _whole(
    _head("chat.completion")
    | {
        "choices": [{"index": 0, "message": _MESSAGE, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16},
    }
)
_MODELS = _whole(
    {"object": "list", "data": [{"id": name, "object": "model", "owned_by": "x"} for name in ("instant", "paced")]}
)
_STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_DELTA = {"index": 0, "delta": {"content": " tower"}, "finish_reason": None}
_EVENT = _chunk(b"data: " + json.dumps(_head("chat.completion.chunk") | {"choices": [_DELTA]}).encode() + b"\n\n")
_END = _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._received = bytearray()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(_HEAD_END)
        if head_end < 0:
            return
        head = bytes(self._received[:head_end]).lower()
        at = head.find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].partition(b"\r\n")[0]) if at >= 0 else 0
        if len(self._received) < head_end + len(_HEAD_END) + length:
            return
        body = bytes(self._received[head_end + len(_HEAD_END) :])
        self._received.clear()
        self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"get "):
            self._transport.write(_MODELS)
        elif b'"stream": true' in body or b'"stream":true' in body:
            self._transport.write(_STREAM)
            self._send_events(CHUNKS, PAUSE_S if b'"paced"' in body else 0.0)
        else:
            self._transport.write(_COMPLETION)

    def _send_events(self, left: int, pause_s: float) -> None:
        if self._transport.is_closing():
            return
        if not left:
            self._transport.write(_END)
            return
        self._transport.write(_EVENT)
        loop = asyncio.get_running_loop()
        if pause_s:
            loop.call_later(pause_s, self._send_events, left - 1, pause_s)
        else:
            loop.call_soon(self._send_events, left - 1, pause_s)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
