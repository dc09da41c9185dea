"""Whether all ranks compute the same bits: on other processors, or with other packages, they would round differently.

Then each rank would take its own step from the same gradients, and there would be as many networks as ranks.
"""

import hashlib
import os
import platform
from importlib import metadata
from pathlib import Path

import numpyssd
from numpyssd.errors import InputError

PACKAGES = ("numpy", "numba", "llvmlite", "pillow")


def computing_with(backend) -> dict[str, str]:
    """Return what decides about the bits that this process computes, by name."""
    import llvmlite.binding as llvm
    import numba

    features = sorted(name for name, there in llvm.get_host_cpu_features().items() if there)
    found = {"processor": llvm.get_host_cpu_name(), "features of the processor": ",".join(features)}
    found |= {name: str(getattr(numba.config, name)) for name in ("CPU_NAME", "CPU_FEATURES", "DISABLE_JIT")}
    found |= {"NPY_DISABLE_CPU_FEATURES": os.environ.get("NPY_DISABLE_CPU_FEATURES", "")}  # NumPy's own loops
    found |= {"backend": backend.NAME, "Python": platform.python_version()}
    found |= {name: _version(name) for name in PACKAGES}
    return found | {"source of numpyssd": _digest_of_sources()}


def refuse_unlike(ranks, backend):
    """Raise InputError, on all ranks, if one of them computes with something else than rank 0."""
    first, *others = found = ranks.gather([computing_with(backend)])
    for rank, other in enumerate(others, start=1):
        for name in first:
            if first[name] != other[name]:
                raise InputError(
                    f"rank 0 on {ranks.places[0].host} and rank {rank} on {ranks.places[rank].host} round differently: "
                    f"{name} {_apart(found[0][name], other[name])}; train on machines of one kind, with the same "
                    "packages and settings"
                )


def _apart(one, other):
    """Return how two values differ; of long lists what is in only one of them."""
    if "," not in one + other:
        return f"{one or 'not set'} and {other or 'not set'}"
    some, others = set(one.split(",")), set(other.split(","))
    return " and ".join(" ".join(sorted(only)[:4]) or "nothing more" for only in (some - others, others - some))


def _version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _digest_of_sources():
    folder = Path(numpyssd.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
