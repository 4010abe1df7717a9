"""What `tools/list` answers for batches. Only making and cancelling them change anything."""

import mcp_types as types
from pydantic import BaseModel

from server.mcp.batch_arguments import (
    BatchCancelArguments,
    BatchGetArguments,
    BatchListArguments,
    BatchResultsArguments,
    BatchSubmitArguments,
)
from server.mcp.batch_result import BatchListResult, BatchResult, BatchResultsResult
from server.wire.schema import flat_schema


def batch_tools(open_world: bool) -> list[types.Tool]:
    """The tools. `open_world` says whether lines may be answered with what lies outside this machine."""
    return [
        _tool(
            "batch_submit",
            "Verify many answers",
            "Has many answers verified, or many requests answered, in the background. Each line is {prompt, response} "
            "to verify, with document if only that counts, or {body} with a whole request to endpoint. Returns at "
            "once with an id. Use it for more than a few answers; for one use verify or verify_document.",
            BatchSubmitArguments,
            BatchResult,
            types.ToolAnnotations(
                read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=open_world
            ),
        ),
        _tool(
            "batch_get",
            "Look at a batch",
            "Says how far a batch is, or why its input was refused. With wait_s it waits for the end, and tells of "
            "progress meanwhile.",
            BatchGetArguments,
            BatchResult,
            _reading(),
        ),
        _tool(
            "batch_results",
            "Read the results of a batch",
            "Returns the results of a batch a page at a time, lines without an answer first, each with its verdict and "
            "the claims that fail. With only_failing it leaves out what is supported. Works while the batch runs.",
            BatchResultsArguments,
            BatchResultsResult,
            _reading(),
        ),
        _tool(
            "batch_list",
            "List batches",
            "Lists your batches, the newest first.",
            BatchListArguments,
            BatchListResult,
            _reading(),
        ),
        _tool(
            "batch_cancel",
            "Cancel a batch",
            "Ends a batch before its time. What was answered until then is kept, and batch_results returns it.",
            BatchCancelArguments,
            BatchResult,
            types.ToolAnnotations(
                read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
            ),
        ),
    ]


def _tool(
    name: str,
    title: str,
    description: str,
    arguments: type[BaseModel],
    result: type[BaseModel],
    annotations: types.ToolAnnotations,
) -> types.Tool:
    return types.Tool(
        name=name,
        title=title,
        description=description,
        input_schema=flat_schema(arguments),
        output_schema=flat_schema(result),
        annotations=annotations.model_copy(update={"title": title}),
    )


def _reading() -> types.ToolAnnotations:
    return types.ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
