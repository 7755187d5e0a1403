"""The one door to numba: compiled once, cached in the user's cache directory, released from the GIL."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

import platformdirs

import qcisim

F = TypeVar("F", bound=Callable[..., Any])


def _numba() -> Any:
    """numba, with its cache where this user's caches are; a cache for each version, as callees are not followed."""
    folder = platformdirs.user_cache_dir("qcisim", appauthor=False, version=qcisim.__version__)
    os.environ.setdefault("NUMBA_CACHE_DIR", folder)
    import numba

    return numba


def kernel(function: F) -> F:
    """Compile ``function`` with numba (nopython, cached, no fastmath, so results are the same bytes everywhere)."""
    return cast(F, _numba().njit(cache=True, nogil=True, error_model="numpy")(function))


def borrowing_kernel(function: F) -> F:
    """A `kernel` that is inlined where another calls it, and keeps no reference counts: for small functions on views.

    It may read and write the arrays that it is given and views of them; it must not create, return or keep an array.
    """
    options = {"cache": True, "nogil": True, "error_model": "numpy", "forceinline": True, "_nrt": False}
    return cast(F, _numba().njit(**options)(function))
