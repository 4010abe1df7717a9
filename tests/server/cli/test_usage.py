"""`touchstone usage`: sums from the store, without a server."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from inference.errors import BadInput
from inference.usage.usage_records import UsageRecords
from inference.usage.used import UsageKey, Used, day_of
from server.cli.usage import first_day
from server.wire.verification import VERIFY_MODEL
from tests.robustness.command_line import touchstone_here
from tests.server.accounts.keys_made import make_keys, url_of, with_store

NOW = datetime(2026, 11, 26, 0, 30, tzinfo=UTC).timestamp()


@pytest.fixture
def ids(tmp_path: Path) -> dict[str, str]:
    ids = {name: key.id for name, key in make_keys(url_of(tmp_path), "anna", "boris").items()}
    used = {
        UsageKey(ids["anna"], "2026-11-01", VERIFY_MODEL): Used(1, 1_000, 200),
        UsageKey(ids["anna"], "2026-11-02", "m"): Used(2, 10, 20),
        UsageKey(ids["boris"], "2026-11-02", "m"): Used(3, 30, 40),
        UsageKey("local", "2026-11-02", "m"): Used(4, 1, 1),
    }
    with_store(url_of(tmp_path), lambda database: UsageRecords(database).write("w", 1, used))
    return ids


def told(folder: Path, *flags: str) -> Any:
    done = touchstone_here(folder, "usage", "--json", *flags)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_sums_are_made_for_days_keys_or_models(tmp_path: Path, ids: dict[str, str]) -> None:
    total = {"requests": 10, "input_tokens": 1_041, "output_tokens": 261, "total_tokens": 1_302}
    by_day = told(tmp_path)
    assert [(row["date"], row["requests"]) for row in by_day["data"]] == [("2026-11-01", 1), ("2026-11-02", 9)]
    by_key = told(tmp_path, "--by", "key")
    found = {(row["key_id"], row["key_name"], row["total_tokens"]) for row in by_key["data"]}
    assert found == {(ids["anna"], "anna", 1_230), (ids["boris"], "boris", 70), ("local", None, 2)}
    by_model = told(tmp_path, "--by", "model")
    assert [(row["model"], row["input_tokens"]) for row in by_model["data"]] == [(VERIFY_MODEL, 1_000), ("m", 41)]
    assert by_day["total"] == by_key["total"] == by_model["total"] == total


def test_days_keys_and_models_may_be_chosen(tmp_path: Path, ids: dict[str, str]) -> None:
    def requests(*flags: str) -> int:
        count: int = told(tmp_path, *flags)["total"]["requests"]
        return count

    assert requests("--since", "2026-11-02") == 9
    assert requests("--until", "2026-11-01") == 1
    assert requests("--key", "anna") == requests("--key", ids["anna"]) == 3
    assert requests("--key", "local") == 4
    assert requests("--model", "touchstone/verify") == requests("--model", VERIFY_MODEL) == 1
    assert requests("--key", "anna", "--model", "m", "--since", "2026-11-02") == 2
    assert requests("--since", "2027-01-01") == 0


def test_a_person_gets_a_table_with_sums_and_the_names_of_keys(tmp_path: Path, ids: dict[str, str]) -> None:
    lines = touchstone_here(tmp_path, "usage", "--by", "key").stdout.splitlines()
    assert lines[0].split() == ["key", "name", "requests", "input", "output", "total"]
    assert [ids["anna"], "anna", "3", "1,010", "220", "1,230"] in [line.split() for line in lines]
    assert lines[-1].split() == ["sum", "10", "1,041", "261", "1,302"]


def test_an_empty_store_says_that_nothing_was_used(tmp_path: Path) -> None:
    done = touchstone_here(tmp_path, "usage")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "Nothing was used then." in done.stderr


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--since", "soon"), "--since: 'soon' is no day"),
        (("--since", "7"), "such as 7d"),
        (("--since", "0d"), "--since: 0d is not from 1d to 9999d"),
        (("--until", "2026-13-01"), "--until: '2026-13-01' is no day"),
        (("--since", "2026-11-02", "--until", "2026-11-01"), "comes after --until"),
        (("--key", "nobody"), "there is no key with the id or the name 'nobody' here"),
    ],
)
def test_what_is_wrong_with_a_flag_is_said(
    tmp_path: Path, ids: dict[str, str], flags: tuple[str, ...], words: str
) -> None:
    done = touchstone_here(tmp_path, "usage", *flags)
    assert done.exit_code == 2
    assert words in done.stderr


def test_a_name_that_two_keys_have_is_not_guessed_at(tmp_path: Path, ids: dict[str, str]) -> None:
    make_keys(url_of(tmp_path), "anna")
    done = touchstone_here(tmp_path, "usage", "--key", "anna")
    assert done.exit_code == 2
    assert ids["anna"] in done.stderr


def test_a_number_of_days_ends_with_today_in_utc() -> None:
    assert first_day("7d", NOW) == "2026-11-20"
    assert first_day("1d", NOW) == day_of(NOW) == "2026-11-26"
    assert first_day("2026-01-01", NOW) == "2026-01-01"
    with pytest.raises(BadInput):
        first_day("10000d", NOW)
