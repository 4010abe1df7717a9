"""Settings come from flags, environment and file, in that order, and a wrong one stops the start by name."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from inference.errors import SettingsError
from server.settings import Settings, is_loopback, load_settings, unknown_variables


def test_a_flag_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    file = tmp_path / "touchstone.toml"
    file.write_text("port = 4000\nclaims_max = 7\nweb_search = false\n")
    found = load_settings(
        {"port": "6000", "host": None}, {"TOUCHSTONE_PORT": "5000", "TOUCHSTONE_CLAIMS_MAX": "9"}, file
    )
    assert (found.port, found.claims_max, found.web_search) == (6000, 9, False)


def test_the_environment_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text('api_keys = ["first-3f9c41d27ab8e605", "second-c07e58a1946d2bf3"]')
    assert len(load_settings({}, {"TOUCHSTONE_CONFIG": str(file)}).api_keys) == 2


@pytest.mark.parametrize(
    ("flags", "environment", "said"),
    [
        ({"port": "http"}, {}, ["port", "'http'", "--port"]),
        ({}, {"TOUCHSTONE_PORT": "70000"}, ["port", "70000", "TOUCHSTONE_PORT", "65535"]),
        ({}, {"TOUCHSTONE_WEB_SEARCH": "perhaps"}, ["web_search", "perhaps"]),
        ({}, {"TOUCHSTONE_API_KEYS": "YOUR_API_KEY"}, ["api_keys", "TOUCHSTONE_API_KEYS", "the key is a placeholder"]),
        ({"api_keys": "fine-3f9c41d27ab8e605,4be1c9"}, {}, ["key 2 of 2 is too short", "touchstone keys create"]),
        ({"log_level": "loud"}, {}, ["log_level", "loud"]),
        ({"web_timeout_s": "0"}, {}, ["web_timeout_s", "greater than 0"]),
        ({"connections_max": "-1"}, {}, ["connections_max", "-1"]),
        ({"engine_url": "localhost:8000"}, {}, ["engine_url", "--engine-url", "http://"]),
        ({"engine_url": "http://me:secret@host"}, {}, ["engine_url", "TOUCHSTONE_ENGINE_KEY"]),
        ({"engine_url": "http://a,http://b,http://c", "engine_key": "k1,k2"}, {}, ["2 keys", "3 addresses"]),
        ({}, {"TOUCHSTONE_ENGINE_KEY": "k1"}, ["engine_key", "engine_url"]),
        ({"judge_profile": "lynks"}, {}, ["judge_profile", "'lynks'", "--judge-profile", "lynx"]),
        ({"judge_profile": "lynx"}, {}, ["'lynx'", "--judge-model"]),
        ({"engine_timeout_s": "0"}, {}, ["engine_timeout_s", "greater than 0"]),
        ({"engine_running_max": "0"}, {}, ["engine_running_max"]),
        ({"webhook_url": "example.com/hook"}, {}, ["webhook_url", "--webhook-url", "https://"]),
        ({"webhook_url": "http://example.com/hook"}, {}, ["webhook_url", "https://"]),
        ({"webhook_url": "https://example.com/hook"}, {}, ["webhook_url", "TOUCHSTONE_WEBHOOK_SECRET"]),
        ({}, {"TOUCHSTONE_WEBHOOK_SECRET": "hunter2"}, ["webhook_secret", "TOUCHSTONE_WEBHOOK_SECRET", "whsec_"]),
    ],
)
def test_a_bad_value_stops_the_start_and_says_which(
    flags: dict[str, object], environment: dict[str, str], said: list[str]
) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings(flags, environment)
    assert all(part in error.value.message for part in said), error.value.message


def test_an_unknown_key_in_the_file_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text("prot = 3001")
    with pytest.raises(SettingsError, match="'prot'"):
        load_settings({}, {}, file)


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe", b"port = 1\nport = 2"])
def test_a_file_that_is_no_toml_stops_the_start(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "t.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"t\.toml"):
        load_settings({}, {}, file)


def test_a_missing_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        load_settings({}, {}, tmp_path / "nowhere.toml")


def test_any_address_may_be_bound_with_keys() -> None:
    found = load_settings({"host": "0.0.0.0"}, {"TOUCHSTONE_API_KEYS": "one-3f9c41d27ab8e605 , two-c07e58a1946d2bf3"})
    assert [key.get_secret_value() for key in found.api_keys] == ["one-3f9c41d27ab8e605", "two-c07e58a1946d2bf3"]


def test_a_blank_list_of_keys_is_no_key() -> None:
    assert load_settings({}, {"TOUCHSTONE_API_KEYS": " , "}).api_keys == ()


@pytest.mark.parametrize(
    ("flags", "keys", "needed"),
    [
        ({}, "", False),
        ({"host": "localhost"}, "", False),
        ({"host": "0.0.0.0"}, "", True),
        ({"host": "example.org"}, "", True),
        ({"require_keys": True}, "", True),
        ({}, "one-3f9c41d27ab8e605", True),
    ],
)
def test_keys_are_needed_where_there_are_some_where_others_reach_and_where_asked_for(
    flags: dict[str, object], keys: str, needed: bool
) -> None:
    assert load_settings(flags, {"TOUCHSTONE_API_KEYS": keys}).needs_keys is needed


def test_no_message_and_no_repr_shows_a_key() -> None:
    found = load_settings({}, {"TOUCHSTONE_API_KEYS": "do-not-show-me-3f9c41"})
    assert "do-not-show-me" not in repr(found)
    with pytest.raises(SettingsError) as error:
        load_settings({"port": "x"}, {"TOUCHSTONE_API_KEYS": "do-not-show-me-3f9c41"})
    assert "do-not-show-me" not in str(error.value)
    with pytest.raises(SettingsError) as weak:
        load_settings({}, {"TOUCHSTONE_API_KEYS": "not-me"})
    assert "not-me" not in str(weak.value)


def test_an_address_with_a_password_in_it_is_not_shown() -> None:
    with pytest.raises(SettingsError) as error:
        load_settings({"engine_url": "http://me:do-not-show-me@host"}, {})
    assert "do-not-show-me" not in error.value.message


def test_misspelt_variables_are_noticed() -> None:
    environment = {"TOUCHSTONE_API_KEY": "x", "TOUCHSTONE_PORT": "1", "TOUCHSTONE_CONFIG": "f", "PATH": "/bin"}
    assert unknown_variables(environment) == ["TOUCHSTONE_API_KEY"]


def test_settings_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("localhost.example.org", False),
        ("127.0.0.1.example.org", False),
    ],
)
def test_only_this_machine_counts_as_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_nothing_that_is_secret_is_shown_with_the_settings() -> None:
    settings = Settings(
        database_url=SecretStr("postgresql://me:secret-1@db.example/name"),
        blobs_url="s3://secret-2:secret-2@bucket",
        api_keys=(SecretStr("secret-3-81d4b6f20e97ac35"),),
        webhook_url=("https://example.com/secret-4",),
        webhook_secret=SecretStr("whsec_c2VjcmV0LTVzZWNyZXQtNXNlY3JldC01c2VjcmV0LTU="),
        engine_url=("http://127.0.0.1:8000",),
        engine_key=(SecretStr("secret-6"),),
    )
    for shown in (repr(settings), str(settings)):
        assert "secret-" not in shown
        assert "c2VjcmV0" not in shown
