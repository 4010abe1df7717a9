"""What a verification does now, on one line of the terminal while it runs. Nothing where stderr is no terminal."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager

from rich.console import Console
from rich.text import Text

from tools.verification import ClaimJudged, ClaimsFound, News, Step


@contextmanager
def progress_line(console: Console | None) -> Iterator[Callable[[str], None]]:
    """Gives what puts a text on the line. The line is gone at the end; without a terminal there never is one."""
    if console is None or not console.is_terminal:
        yield lambda _: None
        return
    with console.status(Text("verifying")) as line:
        # As a Text, since a query may hold what rich takes for markup; cut, since it is one line.
        yield lambda text: line.update(Text(text, no_wrap=True, overflow="ellipsis"))


async def told(news: AsyncGenerator[News], say: Callable[[str], None]) -> AsyncGenerator[News]:
    """The same `news`, with `say` told of each that comes before the end. Raises what `news` raise."""
    total = 0
    async with aclosing(news):
        async for item in news:
            if isinstance(item, ClaimsFound):
                total = item.total
                say(f"0 of {total} claims judged")
            elif isinstance(item, ClaimJudged):
                say(f"{item.index + 1} of {total} claims judged")
            elif isinstance(item, Step):
                say(item.text)
            yield item
