"""The backends: the arithmetic that grows with pixels, as the same functions in ``reference``, ``cpu`` and ``cuda``.

A backend is a package of functions; backend.py lists them, and a test compares each package with that list. The choice
is made once, by a script or a test: ``use("cpu")``, or the environment variable NUMPYSSD_BACKEND. Layers always write
``kernels.active.conv2d_forward(...)``, so that the choice holds at the time of the call.
"""

import contextlib
import importlib
import os
from typing import Any

from numpyssd.kernels.backend import Backend

BACKENDS = ("reference", "cpu", "cuda")

active: Any  # a Backend, from the first use on; see __getattr__


def use(name: str) -> Backend:
    """Make the backend ``name`` the active one and return it.

    Raises ValueError for an unknown name, and ImportError, which says what is missing, if the backend cannot run here;
    no other backend takes its place.
    """
    global active
    if name not in BACKENDS:
        raise ValueError(f"backend {name!r} is unknown; choose one of {', '.join(BACKENDS)}")
    if name == "cuda":
        importlib.import_module("numpyssd.kernels.cuda.runtime.device").gpu()
    active = importlib.import_module(f"numpyssd.kernels.{name}")
    return active


@contextlib.contextmanager
def using(name: str):
    """Make ``name`` the active backend inside a ``with`` block, and the previous one active again after it."""
    previous = globals().get("active")
    try:
        yield use(name)
    finally:
        if previous is None:
            globals().pop("active", None)
        else:
            globals()["active"] = previous


def __getattr__(name):
    # The first look at ``active`` chooses, so that importing the package compiles and imports nothing heavy.
    if name == "active":
        return use(os.environ.get("NUMPYSSD_BACKEND", "cpu"))
    raise AttributeError(name)
