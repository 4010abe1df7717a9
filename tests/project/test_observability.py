"""What an operator is given fits the code: the table of actions, the table of figures, the dashboard and the alerts."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import REPOSITORY, ClientOf
from promql_parser import parse

from server.house import build_house
from server.observe.otel import ATTRIBUTES, SPAN_NAMES
from server.settings import Settings
from tests.project.log_actions import actions

DOCS = REPOSITORY / "docs" / "observability.md"
DASHBOARD = json.loads((REPOSITORY / "docs" / "grafana" / "touchstone.json").read_text())
ALERTS = yaml.safe_load((REPOSITORY / "docs" / "grafana" / "alerts.yml").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
VARIABLES = {"$__rate_interval": "5m", "$job": "touchstone", "$instance": ".*"}
OF_PROMETHEUS = {"up"}
"""What Prometheus itself knows of every server."""


def rows(heading: str) -> list[list[str]]:
    """The table under a heading: the names in code of each cell's text."""
    section = DOCS.read_text().split(heading)[1].split("\n## ")[0].split("\n### ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [re.findall(r"`([^`]+)`", line.split("|")[1]) for line in lines]


def queries() -> list[str]:
    asked = [target["expr"] for panel in PANELS for target in panel["targets"]]
    for name, value in VARIABLES.items():
        asked = [query.replace(name, value) for query in asked]
    return asked + [rule["expr"] for group in ALERTS["groups"] for rule in group["rules"]]


def names_in(query: str) -> set[str]:
    return set(re.findall(r"\b((?:touchstone|process)_\w+|up)\b", re.sub(r'"[^"]*"', '""', query)))


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The names of all samples that a server has, by figure."""
    house = build_house(Settings(data_dir=tmp_path_factory.mktemp("data"), web_search=False))
    kinds = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",)}
    found: dict[str, set[str]] = {}
    for metric in house.metrics.registry.collect():
        names = {metric.name + end for end in kinds.get(metric.type, ("",))}
        found[f"{metric.name}_total" if metric.type == "counter" else metric.name] = names
    return found


def test_every_action_that_is_logged_is_in_the_table_and_every_one_there_is_logged() -> None:
    named = [action for row in rows("### Actions") for action in row]
    assert len(named) == len(set(named))
    assert set(named) == actions()


def test_every_figure_is_in_the_table_and_every_one_there_is_a_figure(figures: dict[str, set[str]]) -> None:
    named = {figure for row in rows("## Figures") for figure in row} - {"process_*"}
    assert named == {figure for figure in figures if figure.startswith("touchstone_")}


def test_figures_are_named_by_the_rules(figures: dict[str, set[str]]) -> None:
    odd = [name for name in figures if not re.fullmatch(r"(touchstone|process)(_[a-z]+)+", name)]
    assert odd == []
    assert not [name for name in figures if name.startswith("touchstone_") and "_ms" in name]


def test_every_span_and_attribute_is_in_the_documents() -> None:
    text = DOCS.read_text().split("## Traces")[1]
    assert [name for name in [*SPAN_NAMES.values(), *ATTRIBUTES.values()] if f"`{name}`" not in text] == []


@pytest.mark.parametrize("query", queries())
def test_a_query_reads_and_asks_for_figures_that_there_are(query: str, figures: dict[str, set[str]]) -> None:
    parse(query)  # raises for what is no PromQL
    names = names_in(query)
    assert names
    assert names <= OF_PROMETHEUS.union(*figures.values())


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    places = [(panel["title"], panel["gridPos"]) for panel in DASHBOARD["panels"]]
    assert all(place["x"] + place["w"] <= 24 for _, place in places)
    assert [(a, b) for (a, one), (b, other) in combinations(places, 2) if overlap(one, other)] == []


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    return (
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )


def test_every_panel_asks_the_source_that_is_chosen_and_says_its_unit() -> None:
    variables = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    assert variables == {"datasource", "job", "instance"}
    for panel in PANELS:
        asked: list[dict[str, Any]] = [panel, *panel["targets"]]
        assert {each["datasource"]["uid"] for each in asked} == {"${datasource}"}
        assert panel["fieldConfig"]["defaults"]["unit"]
    titles = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
    expected = ["Traffic", "Verdicts", "Judge", "Search", "Engine", "Batches", "Limits and usage", "Process"]
    assert titles == expected


def test_metrics_tell_of_the_process_and_the_version(client_of: ClientOf, tmp_path: Path) -> None:
    client = client_of(Settings(data_dir=tmp_path / "data", web_search=False))
    told = client.get("/metrics").text
    assert re.search(r'^touchstone_build_info{version="[\d.]+"} 1.0$', told, re.MULTILINE)
    assert re.search(r"^process_resident_memory_bytes \d", told, re.MULTILINE)
    for kind in ("verifications", "embeddings", "engine_requests"):
        assert f'touchstone_running{{kind="{kind}"}} 0.0' in told
        assert f'touchstone_waiting{{kind="{kind}"}} 0.0' in told
