"""The table of `touchstone batch list`, on terminals of any width."""

from inference.batches.batch import Batch, Endpoint, Status
from server.cli.batch.listing import listed

IDS = ("batch_78bc15fa0b1c2d3e4f506172", "batch_d947eefdcd8e3835b446aa6c")


def batch(batch_id: str, status: Status, done: int, total: int) -> Batch:
    return Batch(
        batch_id, "", status, Endpoint.CHAT, "24h", "file-1", 1_700_000_000, 1_700_086_400, completed=done, total=total
    )


BATCHES = [batch(IDS[0], Status.IN_PROGRESS, 76_818, 200_000), batch(IDS[1], Status.VALIDATING, 0, 0)]


def test_an_id_is_whole_at_every_width_and_no_line_is_longer_than_it_may_be() -> None:
    for width in range(1, 200):
        header, *lines = listed(BATCHES, width)
        assert [line.split()[0] for line in lines] == list(IDS)
        assert max(map(len, [header, *lines])) <= max(width, len(IDS[0]))


def test_a_terminal_of_80_columns_shows_how_far_they_are() -> None:
    header, first, _ = listed(BATCHES, 80)
    assert header.split() == ["id", "status", "done", "failed"]
    assert "76,818 of 200,000" in first


def test_where_there_is_no_terminal_nothing_is_left_out() -> None:
    header, first, _ = listed(BATCHES, None)
    assert header.split() == ["id", "status", "done", "failed", "made", "endpoint"]
    assert first.endswith("/v1/chat/completions")


def test_no_batches_are_a_header() -> None:
    assert len(listed([], 80)) == 1
