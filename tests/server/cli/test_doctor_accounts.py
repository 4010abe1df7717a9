"""What `touchstone doctor` says of keys, plans and limits."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from server.accounts.needed_keys import stored_keys
from server.doctor.accounts import KEYS, LIMITS, PLANS, accounts
from server.doctor.finding import Finding, Status
from server.settings import Settings
from tests.scale.redis_server import RedisServer

GOOD_KEY = SecretStr("7f2c9a31e8b04d56a1c3f9e2")


def others(settings: Settings, **changed: Any) -> Settings:
    return Settings(**settings.model_dump() | changed)


async def found(settings: Settings) -> dict[str, Finding]:
    return {finding.name: finding for finding in await accounts(settings)}


async def test_where_nobody_is_asked_for_a_key_it_says_so_and_makes_nothing(settings: Settings) -> None:
    told = await found(settings)
    assert told[KEYS].status is Status.OFF
    assert told[PLANS].status is told[LIMITS].status is Status.FINE
    assert not settings.data_dir.exists()


async def test_keys_that_are_needed_and_missing_are_wrong_with_what_to_do(settings: Settings) -> None:
    for changed in ({"host": "0.0.0.0"}, {"require_keys": True}):
        finding = (await found(others(settings, **changed)))[KEYS]
        assert finding.status is Status.WRONG
        assert "touchstone keys create" in finding.remedy
    assert not settings.data_dir.exists()


async def test_keys_and_administrators_that_open_something_are_counted(settings: Settings) -> None:
    async with stored_keys(settings) as records:
        await records.create("ann")
        await records.create("boss", is_admin=True)
        gone, _ = await records.create("gone", is_admin=True)
        await records.revoke(gone.id)
    finding = (await found(others(settings, api_keys=(GOOD_KEY,))))[KEYS]
    assert finding.status is Status.FINE
    assert finding.facts == {"settings_keys": 1, "stored_keys": 2, "administrators": 1}


async def test_a_plans_file_with_a_mistake_is_wrong_with_its_place(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "plans.toml"
    file.write_text('[core]\ncontext_tokens = "lots"\n')
    finding = (await found(others(settings, plans_file=file)))[PLANS]
    assert finding.status is Status.WRONG
    assert "context_tokens = 'lots'" in finding.detail


async def test_a_plan_that_keys_have_and_the_file_has_not_is_wrong(settings: Settings, tmp_path: Path) -> None:
    async with stored_keys(settings) as records:
        key, _ = await records.create("ann", plan="core")
    file = tmp_path / "plans.toml"
    file.write_text("[team]\n")
    assert (await found(others(settings, plans_file=file)))[PLANS].status is Status.WRONG  # the default plan is lost
    finding = (await found(others(settings, plans_file=file, default_plan="team")))[PLANS]
    assert finding.status is Status.WRONG
    assert f"{key.id} (core)" in finding.detail


async def test_a_redis_is_asked_whether_it_is_there(settings: Settings, redis: RedisServer) -> None:
    assert (await found(others(settings, limits_url=SecretStr(redis.url))))[LIMITS].status is Status.FINE
    away = f"redis://:secret-word@127.0.0.1:{redis.port}/0"  # its password is another one
    for url in (away, "redis://127.0.0.1:1", "nonsense"):
        finding = (await found(others(settings, limits_url=SecretStr(url))))[LIMITS]
        assert finding.status is Status.WRONG
        assert "secret-word" not in finding.detail + finding.remedy


async def test_a_database_that_is_away_is_told_without_its_password(settings: Settings) -> None:
    url = SecretStr("postgresql://ann:secret-word@127.0.0.1:1/none")
    finding = (await found(others(settings, database_url=url, require_keys=True)))[KEYS]
    assert finding.status is Status.WRONG
    assert "secret-word" not in finding.detail + finding.remedy
