"""Plants a fault: a module of kernels is made anew from its own text with one place changed."""

import importlib.util
from pathlib import Path

from double import Double, in_place_of_the_gpu

from numpyssd.kernels.cuda import table


def plant(module, old, new, folder, **names):
    """Return the module with ``old``, which must be in its text once, changed to ``new``, and with other globals."""
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert source.count(old) == 1, f"{module.__name__} has changed: {old!r} is there {source.count(old)} times"
    path = folder / f"{module.__name__.rpartition('.')[2]}_planted.py"
    path.write_text(source.replace(old, new), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(f"{path.stem}_{abs(hash(str(folder)))}", path)
    faulty = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(faulty)
    vars(faulty).update(names)
    faulty.rows = [
        row._replace(kernel=getattr(faulty, row.kernel.__name__))
        for row in table.KERNELS
        if row.kernel.__module__ == module.__name__
    ]
    return faulty


def running(*faulty, seeds=(0, 1, 2)):
    """Put a double in the GPU's place that knows the faulty modules' kernels."""
    return in_place_of_the_gpu(Double(seeds, [row for module in faulty for row in module.rows]))
