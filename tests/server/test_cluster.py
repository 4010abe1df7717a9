"""What travels to a Ray cluster, and what is refused before anything does."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from inference.errors import SettingsError
from server.app import create_app
from server.background.cluster import DRIVER_VARIABLE, build_ray_executor, is_local, settings_of_actors
from server.settings import Settings
from tests.inference.webhooks.test_webhooks import SECRET


def test_an_actor_builds_its_house_from_what_travels_and_gets_no_key_of_callers(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=Path("data"),
        api_keys=(SecretStr("caller-5be20c9f71d4a836"),),
        engine_url=("http://gpu:8000",),
        plans_file=Path("plans.toml"),
        engine_key=(SecretStr("the-engines-key"),),
        database_url=SecretStr("postgresql://u:pw@db/touchstone"),
        webhook_url=("https://example.com/hook",),
        webhook_secret=SecretStr(SECRET),
        executor="ray",
    )
    travels = json.dumps(settings_of_actors(settings))
    there = Settings(**json.loads(travels))
    assert there.engines_that_run == (("http://gpu:8000", "the-engines-key"),)
    assert there.store_url == settings.store_url
    assert there.data_dir == Path("data").absolute()
    assert there.plans_file == Path("plans.toml").absolute()
    assert (there.executor, there.webhook_url) == ("process", ())
    assert not any(secret in travels for secret in ("caller-5be20c9f71d4a836", SECRET, "example.com"))


def test_files_of_this_machine_are_told_from_what_a_cluster_can_share(tmp_path: Path) -> None:
    shared = Settings(database_url=SecretStr("postgresql://u:p@db/t"), blobs_url="s3://bucket/prefix")
    assert not is_local(shared)
    assert is_local(Settings(database_url=SecretStr("postgresql://u:p@db/t")))
    assert is_local(Settings(blobs_url="s3://bucket/prefix"))
    relative = Settings(database_url=SecretStr("sqlite:///here.sqlite3"))
    assert settings_of_actors(relative)["database_url"] == f"sqlite+aiosqlite:///{Path('here.sqlite3').absolute()}"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"model": ("some-org/some-model",)}, "engine_url instead of model"),
        ({"ray_address": "ray://head:10001"}, "on a machine of the cluster"),
    ],
)
def test_what_cannot_go_with_a_cluster_is_refused_at_the_start(change: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        create_app(Settings(executor="ray", web_search=False, **change))


@pytest.mark.process
async def test_without_ray_the_start_says_what_to_install(tmp_path: Path) -> None:
    executor = build_ray_executor(Settings(data_dir=tmp_path, executor="ray", ray_actors=1))
    try:
        with pytest.raises(SettingsError, match=r"install touchstone\[ray\]"):
            await executor.start()
    finally:
        await executor.aclose()


def test_the_driver_is_told_in_its_environment_and_not_by_its_command(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, executor="ray", database_url=SecretStr("postgresql://u:hunter2@db/t"))
    driver = build_ray_executor(settings)._driver
    assert "hunter2" in driver.environment[DRIVER_VARIABLE]
    assert "hunter2" not in " ".join(driver.command)
