"""The list of licences holds for what ships, and what may not ship is refused by name."""

from pathlib import Path

import pytest
from harness import REPOSITORY

from docs.make_licences import LIST, document, is_allowed, licence_of, made_by_others, pins

WEIGHTS = sorted({path.parent for path in (REPOSITORY / "inference").rglob("weights/**/*") if path.is_file()})


def test_the_list_is_that_of_the_lock_and_the_notice() -> None:
    assert LIST.read_text() == document(), "run `make licences`"


def test_every_package_of_the_lock_is_listed() -> None:
    rows = LIST.read_text()
    locked = pins((REPOSITORY / "requirements.lock").read_text())
    assert len(locked) > 90
    assert [pin for pin in locked if f"| {pin.name} | {pin.version} |" not in rows] == []


@pytest.mark.parametrize("folder", [path.relative_to(REPOSITORY) for path in WEIGHTS], ids=str)
def test_weights_that_ship_are_listed(folder: Path) -> None:
    assert f"{folder}/" in LIST.read_text()


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-or-later", True),
        ("GPL-2.0-only", False),
        ("MIT AND GPL-2.0-only", False),
        ("MIT AND (GPL-2.0-only OR AGPL-3.0-only)", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_an_expression_is_allowed_if_all_of_it_or_one_choice_is(expression: str, allowed: bool) -> None:
    assert is_allowed(expression) is allowed


def test_a_package_that_is_not_there_has_no_licence_to_list() -> None:
    with pytest.raises(ValueError, match="no-such-package is not installed"):
        licence_of("no-such-package")


def test_the_notice_is_read_part_by_part() -> None:
    notice = (
        "Product\nFree.\n\nWeights\n    Where:     a/,\n               b/\n    Licence:   MIT (see LICENSE)\n\nMore:\n"
    )
    assert made_by_others(notice) == [("Weights", "a/, b/", "MIT")]
