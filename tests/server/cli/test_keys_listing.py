"""The table of `touchstone keys list`, on terminals of any width."""

from server.accounts.key_records import ApiKey
from server.cli.keys.listing import listed

IDS = ("key_06612790613971b5767a7c66edcc48", "key_06612791ca216a31da4abd4e06f6d2")
NOW_S = 1_700_000_000.0


def key(key_id: str, name: str) -> ApiKey:
    return ApiKey(key_id, key_id, name, "core", False, "npsX", 1_690_000_000, None, None, 1_699_999_000)


KEYS = [key(IDS[0], "the nightly batch"), key(IDS[1], "anna")]


def test_an_id_is_whole_at_every_width_and_what_is_left_out_is_named() -> None:
    everything = listed(KEYS, NOW_S, None, None)[0][0]
    for width in range(1, 200):
        (header, *lines), left_out = listed(KEYS, NOW_S, width, None)
        assert [line.split()[0] for line in lines] == list(IDS)
        assert all(column in everything and column not in header for column in left_out)
        assert bool(left_out) is (header != everything)


def test_a_terminal_of_80_columns_shows_when_each_was_used_last() -> None:
    (header, *_), left_out = listed(KEYS, NOW_S, 80, None)
    assert header.endswith("last used")
    assert left_out == ["plan", "expires", "last four", "created"]
