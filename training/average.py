"""Averages the weights of two stages: between two good minima of one run lies one that is a little better, and calmer.

Wortsman et al. 2022, "Model soups". Both have to come from the same start.
"""

import argparse
from pathlib import Path

from safetensors.torch import load_file, save_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    one, other = load_file(given.one), load_file(given.other)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: ((weights + other[name]) / 2).contiguous() for name, weights in one.items()}, given.out)


if __name__ == "__main__":
    main()
