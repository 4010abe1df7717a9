"""`touchstone doctor`: whether everything that a server needs is in order, and what to do where it is not."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import orjson
import typer
from rich.table import Column, Table
from rich.text import Text

from server.cli.console import out
from server.cli.options import takes_settings
from server.doctor.examination import examine
from server.doctor.finding import Finding, Status
from server.observe.logs import configure_logs
from server.settings import Settings
from server.version import VERSION

_SIGNS = {
    Status.FINE: Text("✔", style="green"),
    Status.WRONG: Text("✘", style="red"),
    Status.OFF: Text("·", style="dim"),
    Status.SKIPPED: Text("·", style="dim"),
}


NAME_COLUMNS_MAX = 24
"""Columns of the name of a check; one with an address in it goes over several lines."""

CHECKED = (
    "host",
    "port",
    "data_dir",
    "api_keys",
    "require_keys",
    "plans_file",
    "default_plan",
    "limits_url",
    "cpu_judge",
    "starter_corpus",
    "web_search",
    "model",
    "engine_url",
    "engine_key",
    "judge_model",
    "judge_profile",
    "vllm",
    "vllm_args",
    "lora",
    "database_url",
    "blobs_url",
    "executor",
    "ray_address",
    "ray_actors",
    "batch_lines_running_max",
)
"""Settings that a check is about."""


@takes_settings(*CHECKED)
def doctor(
    settings: Settings,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nothing outside this machine.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check that verifications, batches and keys would work with these settings. Exits with 1 if something does not."""
    configure_logs("error", settings.log_format)
    findings = asyncio.run(examine(settings, offline))
    well = all(finding.status is not Status.WRONG for finding in findings)
    if json:
        body = {"version": VERSION, "fine": well, "checks": [asdict(finding) for finding in findings]}
        typer.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2))
    else:
        _print(findings)
    raise typer.Exit(0 if well else 1)


def _print(findings: Sequence[Finding]) -> None:
    table = Table.grid(
        Column(),
        Column(max_width=NAME_COLUMNS_MAX, overflow="fold"),  # paths and addresses are shown whole
        Column(overflow="fold"),
        padding=(0, 1),
    )
    for finding in findings:
        table.add_row(_SIGNS[finding.status], Text(finding.name, style="bold"), Text(finding.detail))
        if finding.remedy:
            table.add_row("", "", Text(f"What to do: {finding.remedy}", style="yellow"))
    out.print(table)
