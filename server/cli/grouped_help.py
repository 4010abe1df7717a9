"""A command whose `--help` lists its options under headings, in plain text: no colours, no boxes, 80 columns.

Typer has such headings (`rich_help_panel`) for its boxes alone, which cut the names of variables off.
"""

from typing import Any

from typer.core import TyperCommand

_OTHERS = "Options"


class GroupedCommand(TyperCommand):
    """Headings stand in the order of their first options; options without one are under "Options"."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                heading = "Arguments" if param.param_type_name == "argument" else _heading_of(param)
                groups.setdefault(heading, []).append(record)
        for heading, records in groups.items():
            with formatter.section(heading):
                formatter.write_dl(records)


def _heading_of(option: Any) -> str:
    return getattr(option, "rich_help_panel", None) or _OTHERS
