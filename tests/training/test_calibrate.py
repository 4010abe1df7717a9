"""The few numbers that turn what model and rules say into a probability, fitted to answers made with known ones."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from training.calibrate import Heard, best_threshold, calibrate, fit, left_out, load, main, mean_balanced, scores

TRUE = np.array([0.8, 1.1, -1.5, 0.6])


def made(name: str, count: int, seed: int, weights: np.ndarray = TRUE, claims_max: int = 1) -> list[Heard]:
    """Responses that are unsupported with just the probability that the weights give their weakest claim."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        claims = rng.integers(1, claims_max + 1)
        rows = np.stack(
            [rng.normal(0, 3, claims), rng.uniform(-1, 1, claims), rng.uniform(0, 1, claims), np.ones(claims)], axis=1
        )
        odds = float((rows @ weights).min())
        found.append(Heard(name, bool(rng.random() > 1 / (1 + np.exp(-odds))), rows, np.zeros(claims)))
    return found


def test_the_weights_that_made_the_answers_are_found_again() -> None:
    assert fit(made("towers", 6_000, 1)) == pytest.approx(TRUE, abs=0.2)
    assert fit(made("towers", 6_000, 2, claims_max=3)) == pytest.approx(TRUE, abs=0.3)


def test_every_set_weighs_the_same() -> None:
    other = np.array([0.8, 1.1, -1.5, -2.0])
    small, large = made("small", 1_500, 3), made("large", 6_000, 4, other)
    offset = fit(small + large)[3]
    assert abs(offset - fit(small + large[:1_500])[3]) < 0.2
    assert fit(large)[3] < offset < fit(small)[3]


def test_where_the_rules_decide_their_fixed_weight_is_added() -> None:
    claims = np.array([[0.0, 0.0, 0.0, 1.0]])
    assert Heard("towers", False, claims, np.array([2.5])).odds(np.array([1.0, 1.0, 1.0, 0.5]))[0] == pytest.approx(3.0)


def test_the_threshold_is_the_best_on_average_over_the_sets() -> None:
    found = {
        "towers": [(0.2, True), (0.3, True), (0.6, False), (0.9, False)],
        "spires": [(0.1, True), (0.4, True), (0.55, False), (0.8, False)],
    }
    threshold = best_threshold(found)
    assert 0.4 < threshold <= 0.55
    assert mean_balanced(found, threshold) == 1.0


def test_a_set_is_judged_by_numbers_that_its_family_had_no_part_in() -> None:
    upside_down = made("frank/cnn", 400, 5, -TRUE) + made("frank/bbc", 400, 6, -TRUE)
    others = made("towers", 800, 7)
    figures = left_out(upside_down + others)
    assert set(figures) == {"frank/bbc", "frank/cnn", "towers"}
    assert figures["frank/cnn"][1] < 0.3  # had its other half taken part, its answers would not be upside down
    assert figures["frank/bbc"][1] < 0.3


def test_the_same_answers_give_the_same_numbers() -> None:
    responses = made("towers", 300, 8, claims_max=3) + made("spires", 200, 9)
    assert calibrate(responses) == calibrate(list(responses))
    assert set(scores(responses, TRUE)) == {"towers", "spires"}


def test_the_numbers_are_written_beside_the_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = {"rules": "not_enough_evidence", "covered": 0.5, "near": 0.4}
    lines = [
        {"set": name, "unsupported": bad, "claims": [claim | {"model": odds + shift}]}
        for name in ("towers", "spires")
        for bad, odds in ((True, -2.0), (False, 2.0), (True, 0.5), (False, -0.5))
        for shift in (0.0, 0.1, 0.2)
    ]
    heard = tmp_path / "heard.jsonl"
    heard.write_text(
        "".join(json.dumps(line) + "\n" for line in [*lines, {"set": "towers", "unsupported": True, "claims": []}])
    )
    assert len(load(heard)) == len(lines)
    (tmp_path / "config.json").write_text(json.dumps({"calibration": {}, "name": "tiny"}))
    monkeypatch.setattr(sys, "argv", ["calibrate", str(heard), str(tmp_path)])
    main()
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["name"] == "tiny"
    assert config["calibration"]["slope"] > 0
    assert "left out" in capsys.readouterr().out
