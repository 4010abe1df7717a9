"""Asks of every pinned package whether a vulnerability is known of it. Run by `make audit`.

    python tests/audit/audit.py [--strict] LOCK...

pip-audit asks first. It needs the registry's page of each version, which mirrors often do not have: it then skips the
package, and says that no vulnerability was found. What it skipped is asked for here once more, by the registry's page
of the package: that tells of the newest version, so of the pinned one where that is the newest. Of the others nobody
has said anything here, neither good nor bad: an installed package knows its licence, which is checked elsewhere
(docs/make_licences.py), and not what was found in it since. They are named with what can be done, and never count as
clean: with --strict they fail. Exits with 1 for a vulnerability, with 2 where nothing at all could be told.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from docs.make_licences import Pin, pins

REGISTRY = "https://pypi.org"
TIMEOUT_S = 30
PIP_AUDIT_TIMEOUT_S = 600
AT_ONCE = 8
ADVISORIES = "https://osv.dev/list?ecosystem=PyPI&q="
"""Where a person looks a package up, by its name."""


Told = dict[Pin, list[str]]
"""Of each package that something is known of: the ids of its vulnerabilities, empty for none."""


def by_pip_audit(wanted: Sequence[Pin]) -> Told:
    """What pip-audit knows."""
    told: Told = {}
    for part in _without_repeats(wanted):
        for found in _run_pip_audit(part):
            if "skip_reason" not in found:
                told[Pin(found["name"], found["version"])] = [each["id"] for each in found["vulns"]]
    return {pin: told[pin] for pin in wanted if pin in told}


def _without_repeats(wanted: Sequence[Pin]) -> list[list[Pin]]:
    """Parts that name no package twice: pip-audit refuses what does, and a lock has one for each system."""
    parts: list[dict[str, Pin]] = []
    for pin in wanted:
        part = next((part for part in parts if pin.name not in part), None)
        if part is None:
            parts.append(part := {})
        part[pin.name] = pin
    return [list(part.values()) for part in parts]


def _run_pip_audit(part: Sequence[Pin]) -> list[dict[str, Any]]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("".join(f"{pin.name}=={pin.version}\n" for pin in part))
        file.flush()
        command = [sys.executable, "-m", "pip_audit", "--requirement", file.name, "--disable-pip", "--no-deps"]
        command += ["--format", "json", "--progress-spinner", "off"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_AUDIT_TIMEOUT_S, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:  # it could ask nobody
        print(f"pip-audit gave no answer: {(done.stderr.splitlines() or ['nothing said'])[-1]}", file=sys.stderr)
        return []
    return found


Pages = dict[Pin, dict[str, Any]]
"""The registry's pages of packages: of each, what it tells of the newest version."""


def pages_of(wanted: Sequence[Pin], registry: str = REGISTRY) -> Pages:
    """Those that there are."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        pages = threads.map(lambda pin: _page(registry, pin.name), wanted)
        return {pin: page for pin, page in zip(wanted, pages, strict=True) if page is not None}


def by_registry(pages: Pages) -> Told:
    """What the pages tell of pins that are the newest."""
    return {
        pin: [each["id"] for each in page["vulnerabilities"] if not each.get("withdrawn")]
        for pin, page in pages.items()
        if page["info"]["version"] == pin.version
    }


def _page(registry: str, name: str) -> dict[str, Any] | None:
    try:
        with urllib.request.urlopen(f"{registry}/pypi/{name}/json", timeout=TIMEOUT_S) as answer:
            page: dict[str, Any] = json.load(answer)
    except (OSError, ValueError) as error:
        if not isinstance(error, urllib.error.HTTPError):
            print(f"{name}: the registry cannot be asked: {error}", file=sys.stderr)
        return None
    return page if {"info", "vulnerabilities"} <= page.keys() else None


def verdict(wanted: Sequence[Pin], told: Told, pages: Pages, *, strict: bool) -> tuple[int, str]:
    """The exit status, and what to say."""
    vulnerable = {pin: ids for pin, ids in told.items() if ids}
    unknown = [pin for pin in wanted if pin not in told]
    lines = [f"VULNERABLE: {named(pin)}: {', '.join(ids)}" for pin, ids in vulnerable.items()]
    if unknown:
        lines += [
            _NOT_KNOWN,
            *(f"  {named(pin)}: {_why_unknown(pin, pages)}; {ADVISORIES}{pin.name}" for pin in unknown),
        ]
    lines.append(f"{len(told) - len(vulnerable)} of {len(wanted)} packages have no known vulnerability")
    if vulnerable:
        return 1, "\n".join([*lines, "raise them with `make lock`"])
    if not told:
        return 2, "\n".join([*lines, f"no service that knows of vulnerabilities can be reached, nor {REGISTRY}"])
    if unknown and strict:
        return 2, "\n".join([*lines, "`make lock` pins the newest, of which more is known"])
    return 0, "\n".join(lines)


_NOT_KNOWN = (
    "NOT KNOWN whether these have vulnerabilities: the registry that is asked here says nothing of these versions. "
    f"Look them up there, or run this where {REGISTRY} itself answers:"
)


def _why_unknown(pin: Pin, pages: Pages) -> str:
    page = pages.get(pin)
    return "it has no page" if page is None else f"its page is of {page['info']['version']}"


def named(pin: Pin) -> str:
    return f"{pin.name} {pin.version}"


def main() -> int:
    options = argparse.ArgumentParser(description="Looks for known vulnerabilities of pinned packages.")
    options.add_argument("--strict", action="store_true", help="fail for what is not known")
    options.add_argument("locks", nargs="+", type=Path)
    asked = options.parse_args()
    wanted = sorted({pin for lock in asked.locks for pin in pins(lock.read_text())})
    told = by_pip_audit(wanted)
    pages = pages_of([pin for pin in wanted if pin not in told])
    told |= by_registry(pages)
    status, text = verdict(wanted, told, pages, strict=asked.strict)
    print(text)
    return status


if __name__ == "__main__":
    sys.exit(main())
