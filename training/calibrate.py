"""Fits the numbers of `Calibration` to what was heard, and writes them beside the weights.

Two steps, once for all sets. First the probability: a logistic regression over the log-odds of the model, how near
claim and evidence are by their words, and how much of a claim the rules find said; each set has the same weight, and
the weakest claim of each response stands for it, since that one decides. Where the rules decide, they keep their fixed
weight. Then the threshold: the one with the best balanced accuracy on average over the sets. Both are also done with
each set left out in turn, and the left-out figures are printed: they are what another domain can expect.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.judges.cross_encoder.calibration import Calibration
from training.evaluation.measures import auroc, balanced_accuracy, ece

_SETTLED = {"supported": Calibration().rules_support, "refuted": Calibration().rules_refute}

_ROUNDS = 8  # of finding the weakest claims and fitting again
_STEPS = 60  # Newton's, of one fit; it settles in ten
_RIDGE = 1e-3  # keeps the fit finite where a set is small
_STEP_MIN = 1e-9
_FLAT = 1e-9  # so that a step can be found where all answers are certain
_STANDARD_ERROR = 0.0085  # of the mean balanced accuracy of eleven sets of 300, each with one of about 0.028
_SPREAD = np.linspace(0.03, 0.97, 189)


@dataclass(frozen=True, slots=True)
class Heard:
    """One response: its set, whether it is unsupported, and its claims as rows.

    `claims` [claims, 4]: the model's log-odds, nearness, what an undecided claim covers, 1. `settled` [claims]: what
    the rules add where they decide.
    """

    set: str
    unsupported: bool
    claims: NDArray[np.float64]
    settled: NDArray[np.float64]

    def odds(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """The log-odds of each claim."""
        return self.claims @ weights + self.settled


def load(path: Path) -> list[Heard]:
    """The responses of one file of `heard` that have a claim."""
    with path.open(encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return [_heard(record) for record in found if record["claims"]]


def _heard(record: dict[str, Any]) -> Heard:
    claims = record["claims"]
    settled = np.array([_SETTLED.get(claim["rules"], 0.0) for claim in claims])
    return Heard(record["set"], record["unsupported"], np.array([_row(claim) for claim in claims]), settled)


def _row(claim: dict[str, Any]) -> list[float]:
    return [claim["model"], claim["near"], 0.0 if claim["rules"] in _SETTLED else claim["covered"], 1.0]


def fit(responses: Sequence[Heard]) -> NDArray[np.float64]:
    """The four weights: model, nearness, covered, offset."""
    counts: dict[str, int] = defaultdict(int)
    for response in responses:
        counts[response.set] += 1
    shares = np.array([1 / counts[response.set] for response in responses])
    shares /= shares.sum()
    truth = np.array([not response.unsupported for response in responses], dtype=np.float64)
    weights = np.array([1.0, 0.0, 0.0, 0.0])
    for _ in range(_ROUNDS):
        weakest = [int(np.argmin(response.odds(weights))) for response in responses]
        rows = np.stack([r.claims[at] for r, at in zip(responses, weakest, strict=True)])
        settled = np.array([r.settled[at] for r, at in zip(responses, weakest, strict=True)])
        weights = _logistic(rows, settled, truth, shares, weights)
    return weights


def _logistic(
    rows: NDArray[np.float64],
    settled: NDArray[np.float64],
    truth: NDArray[np.float64],
    shares: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    ridge = _RIDGE * np.diag([1.0, 1.0, 1.0, 0.0])

    def loss(at: NDArray[np.float64]) -> float:
        odds = rows @ at + settled
        return float(shares @ (np.logaddexp(0, odds) - truth * odds) + at @ ridge @ at / 2)

    for _ in range(_STEPS):
        said = probability(rows @ weights + settled)
        slope = rows.T @ (shares * (said - truth)) + ridge @ weights
        curve = (rows * (shares * said * (1 - said))[:, None]).T @ rows + ridge
        step = np.linalg.solve(curve + _FLAT * np.eye(len(weights)), slope)
        while loss(weights - step) > loss(weights) and np.abs(step).max() > _STEP_MIN:
            step = step / 2  # a whole step overshoots where the start is far off
        weights = weights - step
    return weights


def probability(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of log-odds, however large."""
    return np.asarray((1 + np.tanh(odds / 2)) / 2)


def scores(responses: Sequence[Heard], weights: NDArray[np.float64]) -> dict[str, list[tuple[float, bool]]]:
    """Per set the score of each response and whether it is unsupported."""
    found: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for response in responses:
        score = float(probability(response.odds(weights)).min())
        found[response.set].append((score, response.unsupported))
    return found


def mean_balanced(found: dict[str, list[tuple[float, bool]]], threshold: float) -> float:
    """Balanced accuracy at a threshold, each set counted once."""
    return float(np.mean([_balanced(rows, threshold) for rows in found.values()]))


def _balanced(rows: Sequence[tuple[float, bool]], threshold: float) -> float:
    return balanced_accuracy([bad for _, bad in rows], [score < threshold for score, _ in rows]) or 0.5


def best_threshold(found: dict[str, list[tuple[float, bool]]]) -> float:
    """The highest threshold whose balanced accuracy, on average over the sets, is within a standard error of the best.

    The rule of one standard error (Breiman et al. 1984): where figures cannot be told apart the more careful choice is
    taken. A false claim that passes is worse than a true one that is asked about.
    """
    candidates = np.quantile([score for rows in found.values() for score, _ in rows], _SPREAD)
    figures = [mean_balanced(found, float(threshold)) for threshold in candidates]
    good = [float(t) for t, figure in zip(candidates, figures, strict=True) if figure >= max(figures) - _STANDARD_ERROR]
    return max(good)


def left_out(responses: Sequence[Heard]) -> dict[str, tuple[float, float]]:
    """Per set its balanced accuracy and AUROC with numbers that were fitted on the other sets alone."""
    found = {}
    for name in sorted({response.set for response in responses}):
        family = name.partition("/")[0]
        others = [r for r in responses if r.set.partition("/")[0] != family]
        weights = fit(others)
        threshold = best_threshold(scores(others, weights))
        rows = scores([r for r in responses if r.set == name], weights)[name]
        area = auroc([bad for _, bad in rows], [1 - score for score, _ in rows]) or 0.5
        found[name] = (_balanced(rows, threshold), area)
    return found


def calibrate(responses: Sequence[Heard]) -> tuple[Calibration, dict[str, list[tuple[float, bool]]]]:
    """The numbers, and the scores that they give."""
    weights = fit(responses)
    found = scores(responses, weights)
    slope, near, covered, offset = (round(float(weight), 4) for weight in weights)
    threshold = round(best_threshold(found), 4)
    return Calibration(offset=offset, slope=slope, nearness=near, rules_undecided=covered, threshold=threshold), found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("heard", type=Path)
    parser.add_argument("model", type=Path, help="folder that export has written; its config.json gets the numbers")
    given = parser.parse_args()
    responses = load(given.heard)
    calibration, found = calibrate(responses)
    apart = left_out(responses)
    print(calibration)
    print(f"{'set':22} {'n':>5} {'bal':>6} {'left out':>9} {'auroc':>6} {'ece':>6}")
    for name, rows in sorted(found.items()):
        area = auroc([bad for _, bad in rows], [1 - score for score, _ in rows]) or 0.5
        error = ece([not bad for _, bad in rows], [score for score, _ in rows])
        bal = _balanced(rows, calibration.threshold)
        print(f"{name:22} {len(rows):5} {bal:6.3f} {apart[name][0]:9.3f} {area:6.3f} {error:6.3f}")
    everything = [row for rows in found.values() for row in rows]
    error = ece([not bad for _, bad in everything], [score for score, _ in everything])
    bal, out = mean_balanced(found, calibration.threshold), np.mean([figures[0] for figures in apart.values()])
    print(f"{'mean':22} {len(everything):5} {bal:6.3f} {out:9.3f} {'':6} {error:6.3f}")
    config = json.loads((given.model / "config.json").read_bytes())
    config["calibration"] = asdict(calibration)
    (given.model / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
