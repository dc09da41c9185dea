"""The backends are interchangeable, and choosing one is explicit, reversible and lazy."""

import ast
import importlib
import inspect
import os
import subprocess
import sys

import numpy as np
import pytest

from numpyssd import kernels
from numpyssd.kernels import reference
from numpyssd.kernels.backend import Backend, DeviceBackend


@pytest.fixture(autouse=True)
def previous_choice():
    """Leave the choice of backend as it was found."""
    before = vars(kernels).get("active")
    yield
    vars(kernels).pop("active", None)
    if before is not None:
        kernels.active = before


def load(name):
    """Import a backend: that needs no GPU, not even for cuda."""
    return importlib.import_module(f"numpyssd.kernels.{name}")


def protocol_of(backend):
    """Return the Protocol that a backend must fulfill."""
    return DeviceBackend if backend.ON_DEVICE else Backend


def functions_of(protocol):
    """Return the methods of a Protocol by name, those of the Protocols it extends included."""
    classes = [found for found in protocol.__mro__ if found.__module__ == protocol.__module__]
    found = {name: value for each in classes for name, value in vars(each).items() if inspect.isfunction(value)}
    return {name: value for name, value in found.items() if not name.startswith("_")}


def parameters_of(function, skip=0):
    """Return names, kinds and defaults of a function's parameters, as text, without annotations."""
    parameters = list(inspect.signature(function).parameters.values())[skip:]
    return [str(p.replace(annotation=inspect.Parameter.empty)) + f" {p.kind.name}" for p in parameters]


@pytest.mark.parametrize("name", kernels.BACKENDS)
def test_every_backend_has_the_names_of_its_protocol_and_no_others(name):
    backend = load(name)
    protocol = protocol_of(backend)
    attributes = {name for each in protocol.__mro__ for name in inspect.get_annotations(each)}
    assert sorted(backend.__all__) == sorted({*functions_of(protocol), *attributes})
    assert name == backend.NAME
    assert backend.ON_DEVICE is (name == "cuda")


@pytest.mark.parametrize("name", kernels.BACKENDS)
def test_every_function_has_the_signature_and_the_defaults_of_its_protocol(name):
    backend = load(name)
    for function, expected in functions_of(protocol_of(backend)).items():
        found = getattr(backend, function)
        assert parameters_of(found) == parameters_of(expected, skip=1), function  # skip: self
        assert found.__doc__, f"{name}.{function}"
        assert expected.__doc__, function


def test_a_function_that_differs_from_the_protocol_is_seen():
    def scale(a, factor=2):
        return a, factor

    def scale_by_name(a, *, factor):
        return a, factor

    expected = parameters_of(functions_of(Backend)["scale"], skip=1)
    assert parameters_of(reference.scale) == expected
    assert parameters_of(scale) != expected
    assert parameters_of(scale_by_name) != expected
    assert {"read_losses", "postprocess"} <= set(functions_of(DeviceBackend)) - set(functions_of(Backend))


def test_what_a_backend_says_of_the_machine():
    with kernels.using("reference") as backend:
        assert backend.thread_count() == 1
    with kernels.using("cpu") as backend:
        before = backend.thread_count()
        backend.set_threads(2)
        assert backend.thread_count() == 2
        backend.set_threads(before)


@pytest.mark.parametrize(
    ("name", "wide", "strided", "narrow"),
    [
        ("reference", "kernel positions", "kernel positions", "kernel positions"),
        ("cpu", "Winograd", "im2col", "im2col"),
        ("cuda", "tiles", "tiles", "tiles"),
    ],
)
def test_the_name_of_the_algorithm(name, wide, strided, narrow):
    backend = load(name)
    assert backend.conv2d_algorithm(np.ones((3, 3, 16, 16), np.float32), 1) == wide
    assert backend.conv2d_algorithm(np.ones((3, 3, 16, 16), np.float32), 2) == strided
    assert backend.conv2d_algorithm(np.ones((3, 3, 3, 16), np.float32), 1) == narrow


@pytest.mark.parametrize("name", ["reference", "cpu"])
def test_threads_of_blas_are_those_asked_for(name):
    backend = load(name)
    script = f"""
import numpy, threadpoolctl
from numpyssd.kernels import {name} as backend
backend.set_threads(2)
print([pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"])
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    # The kernels of cpu have threads of their own, beside which BLAS keeps to one.
    wanted = min(2, os.cpu_count()) if backend is reference else 1
    assert set(ast.literal_eval(result.stdout)) <= {wanted}


@pytest.mark.parametrize("name", ["reference", "cpu"])
def test_rows_are_a_view_of_the_first_axis(name):
    array = np.arange(12).reshape(4, 3)
    part = load(name).rows(array, 1, 3)
    assert part.tolist() == [[3, 4, 5], [6, 7, 8]]
    assert part.base is array.base


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
