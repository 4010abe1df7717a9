"""Gives memory that was freed back to the system, where the C library keeps it (glibc).

Loading a model takes far more memory for a moment than it needs afterwards. glibc keeps what was freed for later: some
tens of megabytes a model, which nothing asks for again.
"""

import ctypes


def give_back_freed_memory() -> bool:
    """Whether anything was given back. Other C libraries keep less, and are left alone."""
    try:
        own = ctypes.CDLL(None)
    except (OSError, TypeError):  # Windows lets no process look into its own libraries
        return False
    trim = getattr(own, "malloc_trim", None)
    return bool(trim and trim(0))
