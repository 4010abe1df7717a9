"""A call of `verify` or `verify_document`: the news of the verification as progress, its end as the result."""

from contextlib import aclosing
from dataclasses import replace
from typing import Any

import mcp_types as types

from inference.errors import BadInput
from inference.judges.language_model.asking import AnswerOutcome
from inference.judges.language_model.judge import LanguageModelJudge
from server.answers.counted import Spend, verify_counted
from server.answers.within_plan import check_reading
from server.house import House
from server.judging import CPU, judging_model
from server.mcp.arguments import VerifyArguments, VerifyDocumentArguments
from server.mcp.caller import visit_of_call
from server.mcp.client_model import ClientModel, Sampling
from server.mcp.outcome import success
from server.mcp.progress import progress_of
from server.mcp.result import result_json
from server.mcp.sampling import AnswersWanted, sampling_of
from server.wire.verification import VERIFY_MODEL
from tools.question import MCP_FIELDS, Question
from tools.verification import Verification

CLIENT = "client"
"""The one value of `judge` beside none."""


Asked = VerifyArguments | VerifyDocumentArguments


async def verify(
    house: House, ctx: Any, params: types.CallToolRequestParams, asked: Asked
) -> types.CallToolResult | types.InputRequiredResult:
    """The result; or what the client has to ask its model first, and then call again.

    Raises BadInput for a judge that cannot be had, ContextTooLong for more than the caller's plan allows, and what a
    verification raises.
    """
    if asked.judge not in ("", CLIENT):
        raise BadInput(f'judge: there is no judge {asked.judge!r}; send "{CLIENT}", or leave it out.', "judge")
    model = ClientModel(_sampling(house, ctx, params)) if asked.judge else None
    visit = await visit_of_call(house, ctx, VERIFY_MODEL)
    await check_reading(visit.sizes(VERIFY_MODEL), asked.question(), MCP_FIELDS)
    if model is None:
        return _result(asked, await _verified(house, ctx, asked.question(), visit.spend, "judging"))
    outcomes: list[AnswerOutcome] = []
    judge = LanguageModelJudge(model, outcomes.append)
    with_judge = replace(house, verifier=replace(house.verifier, judge=judge))
    try:
        verification = await _verified(with_judge, ctx, asked.question(), visit.spend, f"waiting for {model.name}")
    except AnswersWanted as wanted:
        outcomes.clear()  # the call that ends this one reads the same answers again
        return wanted.result
    finally:
        for outcome in outcomes:
            house.metrics.judge_answers.labels(CLIENT, outcome.value).inc()
    # Which model it is, the client tells with its answers.
    provenance = replace(verification.provenance, model=model.name)
    return _result(asked, replace(verification, judge=model.name, provenance=provenance))


def _result(asked: Asked, verification: Verification) -> types.CallToolResult:
    return success(result_json(asked.question(), verification, asked.returnSearchResults))


def _sampling(house: House, ctx: Any, params: types.CallToolRequestParams) -> Sampling:
    name = judging_model(house.settings)
    if name != CPU:
        raise BadInput(
            f'judge: "{CLIENT}" is for a server on which no language model judges. On this one {name} does: leave '
            "judge out.",
            "judge",
        )
    return sampling_of(ctx, params)


async def _verified(house: House, ctx: Any, question: Question, spend: Spend, doing: str) -> Verification:
    news = verify_counted(house, question, MCP_FIELDS, spend)
    async with progress_of(ctx, doing) as progress, aclosing(news):
        async for item in news:
            if isinstance(item, Verification):
                return item
            await progress.hear(item)
    raise AssertionError("a stream of news ends with a Verification or with an error")
