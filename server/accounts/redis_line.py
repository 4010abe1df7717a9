"""What a server says to Redis, in one line: commands go out in the order in which they came, many in one trip.

While a trip is under way, what comes meanwhile waits and goes out together with the next: under load that costs half of
what a trip for each would. And since all is in order, a place that was given back is free before it is asked for again.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

TRIP_TIMEOUT_S = 1.0
"""For Redis to answer. Whoever waits has at the most one trip before his own, so waits for twice as long."""

TRIP_COMMANDS_MAX = 256
"""In one trip."""

WAITING_MAX = 10_000
"""Commands that wait. More than a server has requests at once."""

Argument = str | int


class LineDown(Exception):
    """Redis could not be asked, or did not answer in time. Says why, without its address."""


@dataclass(frozen=True, slots=True)
class Command:
    """Arguments as in Redis's own documentation. The answer goes to `answer` if anybody waits for it."""

    arguments: Sequence[Argument]
    answer: "asyncio.Future[Any] | None" = None
    undone_by: Sequence[Argument] | None = None
    """What is sent if whoever waited for the answer has left before it came."""


class RedisLine:
    """To one Redis. For one event loop."""

    def __init__(self, url: str, scripts: Sequence[str]) -> None:
        """Does no I/O. `scripts` are those that commands name by their digest. Raises ValueError for a bad `url`."""
        self._redis = Redis.from_url(
            url,
            socket_timeout=TRIP_TIMEOUT_S,
            socket_connect_timeout=TRIP_TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),  # an idle connection that Redis has dropped is no failure
            max_connections=2,
        )
        self._scripts = scripts
        self._waiting: deque[Command] = deque()
        self._going: asyncio.Task[None] | None = None

    async def ask(self, arguments: Sequence[Argument], undone_by: Sequence[Argument]) -> Any:
        """The answer to a command. Raises LineDown. If the caller is cancelled, `undone_by` follows the command."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._send(Command(arguments, answer, undone_by))
        try:
            return await answer
        except asyncio.CancelledError:
            if not answer.cancelled():  # it came just now
                self.tell(undone_by)
            raise

    def tell(self, arguments: Sequence[Argument]) -> None:
        """Sends a command whose answer nobody needs. If it is lost, nobody is told."""
        self._send(Command(arguments))

    async def aclose(self) -> None:
        """Sends what waits still, and hangs up."""
        if (going := self._going) is not None:
            await asyncio.wait({going}, timeout=2 * TRIP_TIMEOUT_S)
            going.cancel()
            await asyncio.wait({going})
            self._going = None
        self._give_up((), "the server stops")
        await self._redis.aclose()

    def _send(self, command: Command) -> None:
        if len(self._waiting) >= WAITING_MAX:
            _fail(command, "too much is waiting for it")
            return
        self._waiting.append(command)
        if self._going is None:
            self._going = asyncio.create_task(self._go())

    async def _go(self) -> None:
        """Makes trips for as long as there is something to say."""
        commands: list[Command] = []
        reason = "the server stops"
        try:
            while self._waiting:
                commands = [self._waiting.popleft() for _ in range(min(TRIP_COMMANDS_MAX, len(self._waiting)))]
                self._tell(commands, await self._trip(commands))
        except (TimeoutError, RedisError, OSError) as error:
            reason = type(error).__name__
        finally:
            self._going = None  # before anything else runs: what comes from now on needs another task
            self._give_up(commands, reason)  # nothing, if all went well

    async def _trip(self, commands: Sequence[Command]) -> list[Any]:
        async with asyncio.timeout(TRIP_TIMEOUT_S):
            answers = await self._execute(commands)
            if any(isinstance(answer, NoScriptError) for answer in answers):  # it is new, or has been restarted
                for script in self._scripts:
                    await self._redis.script_load(script)
                again = [command for command, answer in zip(commands, answers, strict=True) if _had_no_script(answer)]
                late = iter(await self._execute(again))
                answers = [next(late) if _had_no_script(answer) else answer for answer in answers]
            return answers

    async def _execute(self, commands: Sequence[Command]) -> list[Any]:
        pipeline = self._redis.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command.arguments)
        return await pipeline.execute(raise_on_error=False)

    def _tell(self, commands: Sequence[Command], answers: Sequence[Any]) -> None:
        for command, answer in zip(commands, answers, strict=True):
            if command.answer is None:
                continue
            if isinstance(answer, Exception):
                _fail(command, type(answer).__name__)
            elif not command.answer.done():
                command.answer.set_result(answer)
            elif command.undone_by is not None:
                self._waiting.append(Command(command.undone_by))

    def _give_up(self, commands: Sequence[Command], reason: str) -> None:
        """Whoever waits is told. What may have been done for them is undone when it lapses."""
        for command in (*commands, *self._waiting):
            _fail(command, reason)
        self._waiting.clear()


def _had_no_script(answer: Any) -> bool:
    return isinstance(answer, NoScriptError)


def _fail(command: Command, reason: str) -> None:
    if command.answer is not None and not command.answer.done():
        command.answer.set_exception(LineDown(reason))
