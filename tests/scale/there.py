"""Whether a service that tests need may be installed for them, or they are skipped where it is not.

`make test-scale` and CI install it, outside the checkout; the suite on a developer's machine takes what is there.
"""

import os
from collections.abc import Callable
from pathlib import Path

from tests.clients.cache import found, installed
from tests.clients.needs import missing

INSTALL_VARIABLE = "TOUCHSTONE_TESTS_INSTALL"  # set by `make test-scale`


def may_install() -> bool:
    return any(os.environ.get(name, "").lower() not in ("", "0", "false") for name in ("CI", INSTALL_VARIABLE))


def there(what: str, name: str, versions: bytes, install: Callable[[Path], None]) -> Path:
    """The folder where `what` is installed. Ends the test if it is not, and may not be."""
    if may_install():
        return installed(name, versions, install)
    return found(name, versions) or missing(f"{what} (make test-scale installs it)")
