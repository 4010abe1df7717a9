"""Where callers find what there is, in the words of the surface on which they read that something is not. Pure.

What is told over REST names a path, to a model a tool of its own, on the command line a command.
"""

from enum import Enum

from inference.errors import Kind, NotFound, TouchstoneError


class Surface(Enum):
    """Where words are read."""

    REST = "REST"
    MCP = "MCP"
    COMMAND_LINE = "command line"


_WAYS = {
    (Surface.REST, Kind.BATCH): "GET /v1/batches lists yours",
    (Surface.REST, Kind.FILE): "GET /v1/files lists yours",
    (Surface.REST, Kind.KEY): "GET /v1/api-keys lists all",
    (Surface.REST, Kind.MODEL): "GET /v1/models lists all",
    (Surface.MCP, Kind.BATCH): "batch_list lists yours",
    (Surface.MCP, Kind.FILE): "send the requests themselves as lines, or upload them with POST /v1/files",
    (Surface.COMMAND_LINE, Kind.BATCH): "touchstone batch list lists those there are",
    (Surface.COMMAND_LINE, Kind.KEY): "touchstone keys list lists all",
}
"""Of what a surface has no way to list nothing is said."""


def in_words_of(surface: Surface, error: TouchstoneError) -> str:
    """The message of `error`; if it is that something is not there, with the way to see what is."""
    way = _WAYS.get((surface, error.kind)) if isinstance(error, NotFound) and error.kind else None
    return f"{error.message.removesuffix('.')}; {way}" if way else error.message
