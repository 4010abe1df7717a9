"""The version, from the installed package, so that it is written down once: in pyproject.toml."""

from importlib.metadata import version

VERSION = version("touchstone")
