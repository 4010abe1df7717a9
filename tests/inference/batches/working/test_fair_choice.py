"""Who gets a place, and who gives one up."""

from inference.batches.working.fair_choice import TURN_S, Candidate, Seat, fairest, gives_way


def candidate(batch_id: str, owner: str = "a", priority: int = 0, number: int = 1) -> Candidate:
    return Candidate(batch_id, owner, priority, number)


def seat(batch_id: str, owner: str = "a", priority: int = 0, age_s: float = 0.0) -> Seat:
    return Seat(batch_id, owner, priority, age_s)


def test_the_owner_with_the_fewest_shards_goes_first() -> None:
    chosen = fairest([candidate("1", "a", 9, 1), candidate("2", "b", 0, 2)], {("a", "1"): 2, ("b", "2"): 1})
    assert chosen is not None
    assert chosen.batch_id == "2"


def test_of_one_owner_the_highest_priority_goes_first_then_the_emptiest_then_the_one_least_served() -> None:
    one, two, three = candidate("1", number=1), candidate("2", number=2), candidate("3", priority=1, number=3)
    assert fairest([one, two, three], {}) == three
    assert fairest([one, two], {("a", "1"): 1}) == two
    assert fairest([one, two], {}, {"1": 1}) == two
    assert fairest([one, two], {}, {"1": 2, "2": 1}) == two
    assert fairest([one, two], {}) == one
    assert fairest([], {}) is None


def test_an_owner_who_has_most_seats_gives_one_up_to_a_newcomer() -> None:
    seats = [seat("1"), seat("1"), seat("2", "b")]
    assert gives_way(seats, candidate("3", "c"), {("a", "1"): 2, ("b", "2"): 1}) == 0


def test_nobody_gives_way_to_whom_has_as_much() -> None:
    seats = [seat("1"), seat("2", "b")]
    assert gives_way(seats, candidate("3", "b", 0, 1), {("a", "1"): 2, ("b", "2"): 1}) is None
    assert gives_way(seats, candidate("3", "b"), {("a", "1"): 1, ("b", "2"): 1}) is None


def test_a_lower_priority_gives_way_within_one_owner_only() -> None:
    leased = {("a", "1"): 1}
    assert gives_way([seat("1")], candidate("2", priority=1), leased) == 0
    assert gives_way([seat("1", priority=2)], candidate("2", priority=1), leased) is None
    assert gives_way([seat("1")], candidate("2", "b", 1), leased) is None


def test_a_second_shard_gives_way_to_a_batch_that_has_none() -> None:
    leased = {("a", "1"): 2}
    assert gives_way([seat("1"), seat("1", age_s=3)], candidate("2"), leased) == 1
    assert gives_way([seat("1"), seat("1")], candidate("2"), leased | {("a", "2"): 1}) is None


def test_a_batch_that_had_its_turn_gives_way_to_its_like() -> None:
    leased = {("a", "1"): 1}
    assert gives_way([seat("1", age_s=TURN_S)], candidate("2"), leased) == 0
    assert gives_way([seat("1", age_s=TURN_S - 1)], candidate("2"), leased) is None
