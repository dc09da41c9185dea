"""The backends are interchangeable, and choosing one is explicit, reversible and lazy."""

import importlib
import inspect
import os
import subprocess
import sys

import pytest

from numpyssd import kernels
from numpyssd.kernels import reference

FAST_BACKENDS = [name for name in kernels.BACKENDS if name != "reference"]


@pytest.fixture(autouse=True)
def previous_choice():
    """Leave the choice of backend as it was found."""
    before = vars(kernels).get("active")
    yield
    vars(kernels).pop("active", None)
    if before is not None:
        kernels.active = before


def load(name):
    """Import a backend: that needs no graphics card, not even for cuda."""
    return importlib.import_module(f"numpyssd.kernels.{name}")


@pytest.mark.parametrize("name", FAST_BACKENDS)
def test_same_names_signatures_and_defaults(name):
    backend = load(name)
    assert sorted(backend.__all__) == sorted(reference.__all__)
    for function in reference.__all__:
        assert inspect.signature(getattr(backend, function)) == inspect.signature(getattr(reference, function)), (
            function
        )


@pytest.mark.parametrize("name", kernels.BACKENDS)
def test_every_function_has_a_docstring(name):
    backend = load(name)
    for function in backend.__all__:
        assert getattr(backend, function).__doc__, f"{name}.{function}"


def test_interface_of_the_design():
    # Other people's scripts call these; see the interface in the design.
    expected = {
        "conv2d_forward": "(x, weight, bias, stride=1, padding=0, dilation=1, relu=False, scale=None)",
        "maxpool2d_forward": "(x, size, stride, padding=0, ceil_mode=False)",
        "conv2d_backward": "(dout, x, weight, stride=1, padding=0, dilation=1, need_dx=True, out=None)",
    }
    assert {name: str(inspect.signature(getattr(reference, name))) for name in expected} == expected


def test_use_makes_active_and_returns_it():
    for name in ("reference", "cpu"):
        assert kernels.use(name) is kernels.active
        assert kernels.active.__name__ == f"numpyssd.kernels.{name}"


@pytest.mark.parametrize("name", ["fast", "", "Reference", "shapes", None])
def test_unknown_name_is_an_error_that_lists_the_names_and_changes_nothing(name):
    before = kernels.use("reference")
    with pytest.raises(ValueError, match="unknown; choose one of reference, cpu, cuda"):
        kernels.use(name)
    assert kernels.active is before


def test_using_goes_back_even_after_an_error():
    kernels.use("reference")
    with kernels.using("cpu") as inside:
        assert kernels.active is inside
        with kernels.using("reference"):
            assert kernels.active is reference
        assert kernels.active is inside
    assert kernels.active is reference
    with pytest.raises(ZeroDivisionError), kernels.using("cpu"):
        raise ZeroDivisionError
    assert kernels.active is reference


def test_using_leaves_no_choice_where_there_was_none(monkeypatch):
    vars(kernels).pop("active", None)
    with kernels.using("cpu"):
        pass
    assert "active" not in vars(kernels)
    monkeypatch.setenv("NUMPYSSD_BACKEND", "reference")
    assert kernels.active is reference


def test_default_and_environment(monkeypatch):
    vars(kernels).pop("active", None)
    monkeypatch.delenv("NUMPYSSD_BACKEND", raising=False)
    assert kernels.active.__name__ == "numpyssd.kernels.cpu"
    vars(kernels).pop("active", None)
    monkeypatch.setenv("NUMPYSSD_BACKEND", "fast")
    with pytest.raises(ValueError, match="backend 'fast' is unknown"):
        _ = kernels.active
    monkeypatch.setenv("NUMPYSSD_BACKEND", "reference")
    assert kernels.active is reference
    monkeypatch.setenv("NUMPYSSD_BACKEND", "cpu")
    assert kernels.active is reference  # chosen once, at the first look


def test_other_missing_names_are_attribute_errors():
    with pytest.raises(AttributeError):
        _ = kernels.passive


SCRIPT = """
import sys
import numpyssd, numpyssd.kernels, numpyssd.layers, numpyssd.model.ssd, numpyssd.config
heavy = [name for name in ("numba", "scipy", "matplotlib") if name in sys.modules]
assert not heavy, f"importing numpyssd brought in {heavy}"
import numpy as np
out = numpyssd.kernels.active.relu_forward(np.array([-1.0, 2.0]))
assert out.tolist() == [0, 2]
assert "numba" not in sys.modules
"""


def test_importing_compiles_nothing_and_the_reference_never_needs_numba():
    environment = {**os.environ, "NUMPYSSD_BACKEND": "reference"}
    result = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
