"""What a run is made of that needs no PyTorch: its log, its batches, its learning rate."""

import json
import random
from itertools import islice
from pathlib import Path

import pytest

from training.batches import TOKENS_OF_BATCH, batches
from training.examples import Example, load_examples
from training.rate import WARM_UP_SHARE, rate_at
from training.runs import RunLog


def test_a_log_keeps_what_stands_in_it_and_adds_a_line_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log.jsonl"
    RunLog(path, {"minutes": 3}).write(step=1)
    first = path.read_text()
    RunLog(path, {"minutes": 5}).write(step=2, held_out={"all": [1, 0.5, 0.5]})
    assert path.read_text().startswith(first)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line.get("minutes") for line in lines] == ["3", None, "5", None]
    assert [line.get("step") for line in lines] == [None, 1, None, 2]
    assert all(line["s"] >= 0 for line in lines)


def test_examples_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps({"pieces": [101, 7], "types": [0, 1], "allowed": 6, "source": "towers"}) + "\n")
    assert load_examples(path) == [Example((101, 7), (0, 1), 6, "towers")]


EXAMPLES = [Example((1,) * size, (0,) * size, 1, str(size)) for size in range(5, 150)]


def test_every_example_is_met_once_a_pass_in_batches_that_are_no_larger_than_allowed() -> None:
    met: list[Example] = []
    for batch in batches(random.Random(1), EXAMPLES):
        assert len(batch) * max(len(example.pieces) for example in batch) <= TOKENS_OF_BATCH
        met += batch
        if len(met) >= len(EXAMPLES):
            break
    assert sorted(met, key=lambda e: len(e.pieces)) == EXAMPLES


def test_each_pass_and_each_seed_has_its_own_order_and_a_seed_has_one() -> None:
    def order(seed: int) -> list[list[Example]]:
        return list(islice(batches(random.Random(seed), EXAMPLES), 20))

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_an_example_longer_than_a_batch_is_one_by_itself() -> None:
    long = Example((1,) * (TOKENS_OF_BATCH + 1), (0,) * (TOKENS_OF_BATCH + 1), 1, "long")
    assert next(batches(random.Random(1), [long])) == [long]


@pytest.mark.parametrize(
    ("share", "rate"), [(0.0, 0.0), (WARM_UP_SHARE / 2, 0.5), (WARM_UP_SHARE, 1.0), (1.0, 0.0), (1.5, 0.0)]
)
def test_the_rate_goes_up_and_then_down_to_nothing(share: float, rate: float) -> None:
    assert rate_at(share) == pytest.approx(rate)
