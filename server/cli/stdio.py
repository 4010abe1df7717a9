"""`touchstone mcp`: MCP over standard input and output, for clients that start their servers themselves."""

import asyncio

from server.cli.options import takes_settings
from server.house import House, build_house, open_house
from server.mcp.stdio import serve_stdio
from server.observe.logs import configure_logs
from server.settings import Settings

VERIFICATION_SETTINGS = (
    "data_dir",
    "cpu_judge",
    "engine_url",
    "engine_key",
    "engine_timeout_s",
    "engine_context_tokens",
    "judge_model",
    "judge_profile",
    "web_search",
    "starter_corpus",
    "web_timeout_s",
    "passages_per_claim",
    "claims_max",
    "prompt_chars_max",
    "response_chars_max",
    "document_chars_max",
    "verify_timeout_s",
    "running_max",
    "waiting_max",
    "log_level",
    "log_format",
)
"""What matters where nothing listens on the network."""


BATCH_SETTINGS = (
    "database_url",
    "blobs_url",
    "executor",
    "ray_address",
    "ray_actors",
    "batch_lines_running_max",
    "batch_lines_max",
    "batch_mixed_models",
    "batches_max",
    "webhook_url",
    "webhook_secret",
)
"""What matters to batches beside that."""


@takes_settings(*VERIFICATION_SETTINGS, *BATCH_SETTINGS)
def mcp(settings: Settings) -> None:
    """Serve MCP over stdio, for a client that starts it."""
    configure_logs(settings.log_level, settings.log_format)
    asyncio.run(_serve(build_house(settings)))


async def _serve(house: House) -> None:
    async with open_house(house):
        await serve_stdio(house)
