"""touchstone keys, as a person or a script uses it."""

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from server.accounts.key_text import is_key
from server.cli import app

DAY_S = 86_400
SLACK_S = 600


class Keys:
    """`touchstone keys` on one store."""

    def __init__(self, url: str, data_dir: Path) -> None:
        unset = {name: None for name in os.environ if name.startswith("TOUCHSTONE_")}
        self.variables: dict[str, str | None] = unset | {
            "TOUCHSTONE_DATABASE_URL": url,
            "TOUCHSTONE_DATA_DIR": str(data_dir),
        }

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["keys", *arguments], env=self.variables)

    def json(self, *arguments: str) -> Any:
        done = self(*arguments, "--json")
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def keys(store_url: str, tmp_path: Path) -> Keys:
    return Keys(store_url, tmp_path / "data")


@pytest.fixture
def here(tmp_path: Path) -> Keys:
    """On the store in the data folder."""
    return Keys("", tmp_path / "data")


def test_a_key_is_made_listed_rotated_and_revoked_on_every_store(keys: Keys) -> None:
    made = keys.json("create", "ann", "--plan", "core", "--expires", "90d", "--admin")
    assert is_key(made["key"])
    assert (made["object"], made["name"], made["plan"], made["is_admin"]) == ("api_key", "ann", "core", True)
    assert (made["owner"], made["last_four"], made["status"]) == (made["id"], made["key"][-4:], "active")
    assert abs(made["expires_at"] - time.time() - 90 * DAY_S) < SLACK_S
    second = keys.json("create", "second", "--owner", "ann")
    assert second["owner"] == made["id"]
    rotated = keys.json("rotate", "ann")
    assert rotated["id"] == made["id"]
    assert rotated["key"] != made["key"]
    assert keys.json("revoke", made["id"])["status"] == "revoked"
    listed = keys.json("list")
    assert [(key["name"], key["status"]) for key in listed] == [("ann", "revoked"), ("second", "active")]
    assert all("key" not in key for key in listed)


def test_a_key_is_printed_once_with_what_to_do_with_it(here: Keys) -> None:
    done = here("create", "the nightly batch", "--expires", "2w")
    assert done.exit_code == 0
    (key,) = re.findall(r"tsk_\w+", done.stdout)
    assert is_key(key)
    assert key not in done.stderr
    assert "shown this once" in done.stderr
    assert "Authorization: Bearer" in done.stderr
    assert "/v1/mcp/enable" in done.stderr
    assert key not in here("list").stdout + here("list").stderr


def test_the_list_is_a_table_with_a_line_a_key(here: Keys) -> None:
    assert "No keys here" in here("list").stderr
    ann = here.json("create", "ann", "--plan", "core")
    bob = here.json("create", "bob", "--admin", "--owner", ann["id"])
    here("revoke", "bob")
    header, *lines = here("list").stdout.splitlines()
    assert re.split(r"\s{2,}", header) == [
        "id",
        "name",
        "state",
        "last used",
        "plan",
        "expires",
        "last four",
        "created",
        "owner",
    ]
    first, second = (re.split(r"\s{2,}", line) for line in lines)
    assert first[:7] == [ann["id"], "ann", "active", "never", "core", "never", ann["last_four"]]
    assert second[:5] == [bob["id"], "bob", "revoked", "never", "default (admin)"]
    assert second[-1] == ann["id"]


def test_a_name_will_do_where_one_key_that_opens_something_has_it(here: Keys) -> None:
    first, second = here.json("create", "ann"), here.json("create", "ann")
    for command in ("revoke", "rotate"):
        refused = here(command, "ann")
        assert refused.exit_code == 2
        assert first["id"] in refused.stderr
        assert second["id"] in refused.stderr
    assert here("revoke", first["id"]).exit_code == 0
    assert here.json("revoke", "ann")["id"] == second["id"]
    assert here("rotate", second["id"]).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create"], "NAME"),
        (["create", ""], "1 to 100 printable characters"),
        (["create", "x" * 101], "1 to 100 printable characters"),
        (["create", "a\x1b[2J"], "printable"),
        (["create", "ann", "--plan", "gold"], "trial, core, scale, enterprise"),
        (["create", "ann", "--expires", "90"], "30m, 12h, 90d or 2w"),
        (["create", "ann", "--expires", "0d"], "90d"),
        (["create", "ann", "--expires", "3651d"], "3650d"),
        (["create", "ann", "--expires", "999999999999d"], "3650d"),
        (["create", "ann", "--owner", "key_nobody"], "key_nobody"),
        (["revoke", "key_nobody"], "touchstone keys list"),
        (["rotate", "nobody"], "touchstone keys list"),
    ],
)
def test_what_cannot_be_done_exits_2_says_why_and_makes_no_key(here: Keys, arguments: list[str], said: str) -> None:
    done = here(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output
    assert here.json("list") == []


@pytest.mark.parametrize(("text", "seconds"), [("30m", 1800), ("12h", 43_200), ("90d", 90 * DAY_S), ("2w", 14 * DAY_S)])
def test_a_lifetime_is_in_minutes_hours_days_or_weeks(here: Keys, text: str, seconds: int) -> None:
    before = int(time.time())
    made = here.json("create", "ann", "--expires", text)
    assert before + seconds <= made["expires_at"] <= int(time.time()) + seconds


def test_a_database_that_cannot_be_reached_exits_2_and_shows_no_password(tmp_path: Path) -> None:
    done = Keys("postgresql://ann:secret-word@127.0.0.1:1/none", tmp_path)("list")
    assert done.exit_code == 2
    assert "none at 127.0.0.1:1" in done.stderr
    assert "secret-word" not in done.stderr


def test_it_works_where_a_server_would_not_start_for_want_of_good_keys(here: Keys) -> None:
    here.variables |= {"TOUCHSTONE_API_KEYS": "YOUR_API_KEY", "TOUCHSTONE_HOST": "0.0.0.0"}
    assert is_key(here.json("create", "ann")["key"])


def test_plans_are_those_of_the_plans_file(here: Keys, tmp_path: Path) -> None:
    done = here("create", "ann", "--plan", "core", "--plans-file", str(tmp_path / "none.toml"))
    assert done.exit_code == 2
    assert "none.toml" in done.stderr


def test_a_key_whose_plan_is_not_in_the_plans_file_any_more_is_marked(here: Keys, tmp_path: Path) -> None:
    mine, broken = tmp_path / "mine.toml", tmp_path / "broken.toml"
    mine.write_text("[gold]\n")
    broken.write_text("[gold]\nrate = 5\n")
    here("create", "ann", "--plan", "gold", "--plans-file", str(mine))
    here("create", "bob")
    assert "(not in the plans file)" not in here("list", "--plans-file", str(mine)).stdout
    ann, bob = here("list").stdout.splitlines()[1:]
    assert "gold (not in the plans file)" in ann
    assert "(not" not in bob
    unreadable = here("list", "--plans-file", str(broken))
    assert (unreadable.exit_code, "ann" in unreadable.stdout) == (0, True)
    assert "there is no field 'rate'" in unreadable.stderr


def test_a_key_gets_another_plan_and_goes_on_as_it_was(keys: Keys) -> None:
    made = keys.json("create", "ann", "--plan", "trial")
    assert keys.json("plan", "ann", "core") == {name: made[name] for name in made if name != "key"} | {"plan": "core"}
    assert keys.json("list")[0]["plan"] == "core"
    refused = keys("plan", "ann", "platinum")
    assert refused.exit_code == 2
    assert "trial, core, scale, enterprise" in refused.stderr
    assert keys.json("list")[0]["plan"] == "core"


def test_a_key_gets_the_default_plan_of_the_server_again(keys: Keys) -> None:
    made, plain = keys.json("create", "ann", "--plan", "trial"), keys.json("create", "bob")
    assert keys.json("plan", "ann", "--default") == {name: made[name] for name in made if name != "key"} | {
        "plan": None
    }
    assert [key["plan"] for key in keys.json("list")] == [None, plain["plan"]]
    assert "has the default plan of the server" in keys("plan", "bob", "--default").stdout


@pytest.mark.parametrize("said", [(), ("core", "--default")])
def test_which_plan_a_key_gets_is_said_once_and_not_left_open(here: Keys, said: tuple[str, ...]) -> None:
    here.json("create", "ann", "--plan", "trial")
    refused = here("plan", "ann", *said)
    assert refused.exit_code == 2
    assert "the name of a plan or --default; there are trial, core, scale, enterprise" in refused.stderr
    assert here.json("list")[0]["plan"] == "trial"
