"""Two ways to ask the client's model during a tool call, by the protocol's revision.

Up to 2025-11-25 the server sends `sampling/createMessage` and waits (`LiveSampling`). That takes a connection on which
the client's answer comes back: stdio. Over HTTP without sessions the answer would arrive at a server that knows
nothing of the question, so there it is refused.

From 2026-07-28 on a server sends no requests (`ReplayedSampling`). The call ends with what has to be asked, and the
client makes it again with the answers. The verification then runs anew, from its beginning, and finds each answer
under the digest of what was asked: nothing is kept here between two calls, any process with the key could go on, and
an answer counts only for the very question it was given to. The answers so far travel with the client as
`requestState`, sealed by the SDK, and with it the number of rounds.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import mcp_types as types
import orjson
from mcp.server.session import ServerSession
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from inference.errors import BadInput, EngineUnavailable, EngineUnreadable
from inference.text.shorten import shorten
from server.errors import SamplingRefused
from server.mcp.client_model import ANSWER_CHARS_MAX, Sampling

ANSWER_TIMEOUT_S = 90.0
"""Seconds for one answer of the client's model. A person may have to agree first."""

ROUNDS_MAX = 10
"""Times that a call may be sent back with questions. Clients of several languages give up after so many."""

KEPT_CHARS_MAX = 2 * ANSWER_CHARS_MAX
"""Characters in the JSON of an answer. All answers travel with each round."""

STATE_TTL_S = 600.0
"""Seconds that a client has for a round."""

DIGEST_BYTES = 16  # 128 bits: no two questions of one call meet by chance

_REFUSAL_CHARS_MAX = 300  # of a client's own words in an error


def sampling_of(ctx: Any, params: types.CallToolRequestParams) -> Sampling:
    """The way to the model of the client that made this call. Raises BadInput if there is none."""
    session: ServerSession = ctx.session
    modern = session.protocol_version in MODERN_PROTOCOL_VERSIONS
    if not modern and not session.can_send_request:
        raise BadInput(
            f'judge: "client" does not work over HTTP in revision {session.protocol_version} of the protocol: without '
            "a session the answer of your client's model would not find back to this call. Have your client start the "
            "server itself, over stdio (`touchstone mcp`), or speak revision 2026-07-28. Or leave judge out: then the "
            "server judges.",
            "judge",
        )
    capabilities = session.client_capabilities
    if capabilities is None or capabilities.sampling is None:
        raise BadInput(
            'judge: "client" needs a client that lends its model (the capability `sampling`), and this client offers '
            "none. Leave judge out: then the server judges.",
            "judge",
        )
    return ReplayedSampling.of(params) if modern else LiveSampling(session, ctx.request_id)


@dataclass(frozen=True, slots=True)
class LiveSampling:
    """Sends the question within the call `request_id`, and waits for the answer."""

    session: ServerSession
    request_id: types.RequestId

    async def answer(self, asked: types.CreateMessageRequestParams) -> types.CreateMessageResult:
        """As `Sampling.answer`. Cancelled, it cancels the question at the client."""
        try:
            return await self.session.send_request(
                types.CreateMessageRequest(params=asked),
                types.CreateMessageResult,
                request_read_timeout_seconds=ANSWER_TIMEOUT_S,
                metadata=ServerMessageMetadata(related_request_id=self.request_id),
            )
        except MCPError as error:
            raise _failure_of(error) from error
        except ValidationError:
            raise EngineUnreadable("The client's model answered with something that is no answer.") from None


def _failure_of(error: MCPError) -> EngineUnavailable | SamplingRefused:
    if error.code == types.REQUEST_TIMEOUT:
        return EngineUnavailable(f"The client's model did not answer within {ANSWER_TIMEOUT_S:g} s.")
    if error.code == types.CONNECTION_CLOSED:
        return EngineUnavailable("The client left before its model answered.")
    said = shorten(error.message, _REFUSAL_CHARS_MAX)
    return SamplingRefused(
        f'The client did not let its model judge. It said: "{said}". Leave judge out: then the server judges.'
    )


class AnswersWanted(Exception):
    """Ends a call that cannot go on without `result`: what the client has to ask its model before it calls again."""

    def __init__(self, result: types.InputRequiredResult) -> None:
        super().__init__("the client has to ask its model")
        self.result = result


@dataclass(slots=True)
class ReplayedSampling:
    """Knows the answers that came with the call, by the digest of their questions; for any other it ends the call."""

    answers: dict[str, str]
    """Results of the client, as JSON."""

    rounds: int

    @classmethod
    def of(cls, params: types.CallToolRequestParams) -> "ReplayedSampling":
        """From what the client sent: its state, which is ours since the SDK checks the seal, and its new answers."""
        state = _State.read(params.request_state)
        came = params.input_responses or {}
        new = {key: _kept(came[key]) for key in state.asked if key in came}
        return cls(state.answers | new, state.rounds)

    async def answer(self, asked: types.CreateMessageRequestParams) -> types.CreateMessageResult:
        """As `Sampling.answer`; raises AnswersWanted for a question without an answer yet."""
        key = _digest(asked)
        if key in self.answers:
            return _result_of(self.answers[key])
        if self.rounds >= ROUNDS_MAX:
            raise BadInput(
                f'judge: "client" asks your client\'s model at most {ROUNDS_MAX} times in one call, and this response '
                "needs more. Send it in parts, or leave judge out: then the server judges.",
                "judge",
            )
        state = _State(self.rounds + 1, (key,), self.answers)
        request = types.CreateMessageRequest(params=asked)
        raise AnswersWanted(types.InputRequiredResult(input_requests={key: request}, request_state=state.write()))


@dataclass(frozen=True, slots=True)
class _State:
    """What travels with the client: rounds so far, the questions of the last, and the answers of all before."""

    rounds: int = 0
    asked: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> "_State":
        if text is None:
            return cls()
        value = orjson.loads(text)
        return cls(value["rounds"], tuple(value["asked"]), value["answers"])

    def write(self) -> str:
        return orjson.dumps(self).decode()


def _digest(asked: types.CreateMessageRequestParams) -> str:
    content = orjson.dumps(asked.model_dump(mode="json", exclude_none=True), option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).hexdigest()


def _kept(response: types.InputResponse) -> str:
    written = response.model_dump_json(by_alias=True, exclude_none=True)
    if len(written) > KEPT_CHARS_MAX:
        raise EngineUnreadable(f"The client's model answered with more than {ANSWER_CHARS_MAX:,} characters.")
    return written


def _result_of(written: str) -> types.CreateMessageResult:
    try:
        return types.CreateMessageResult.model_validate_json(written)
    except ValidationError:
        raise EngineUnreadable("The client's model answered with something that is no answer.") from None
