"""From the arrays of a file to a model: what fits is copied, and a report tells what did not.

A file of the project's own describes its network, so that ``load_model`` needs nothing else.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD
from numpyssd.weights.npz import config_from_dict, read


class Report(NamedTuple):
    """What became of the arrays of a file: names loaded, names in it that were not used, names left as they were."""

    loaded: list
    skipped: list
    reinitialised: list

    def __str__(self):
        """Return three lines for a person."""
        return "\n".join(
            f"{title}: {len(names)}" + (f" ({', '.join(names[:6])}{', …' if len(names) > 6 else ''})" if names else "")
            for title, names in zip(("loaded", "skipped", "re-initialised"), self)
        )


def fits(array, like):
    """Return whether an array of a file can take the place of ``like``: the same shape, and real numbers."""
    return array.shape == like.shape and array.dtype.kind == "f"


def assign(model, arrays):
    """Copy arrays into the model by name where the shapes agree, and report what was loaded, skipped and left."""
    loaded, left = [], []
    parameters = model.parameters()
    for name, parameter in parameters.items():
        if name in arrays and fits(arrays[name], parameter.value):
            parameter.value[...] = arrays[name]
            loaded.append(name)
        else:
            left.append(name)
    for name, (layer, key) in model.running_statistics().items():
        if name in arrays and fits(arrays[name], layer.running[key]):
            layer.running[key] = arrays[name].astype(np.float32)
            loaded.append(name)
        else:
            left.append(name)
    skipped = [name for name in arrays if name not in loaded]
    return Report(loaded, skipped, left)


def load(model, path):
    """Load into a model what fits from a file that ``save`` wrote, and return a Report of what did and did not.

    With another number of classes only the conf predictors stay as they were initialised. Raises InputError if the
    file cannot be read or not a single array fits.
    """
    report = assign(model, read(path)[1])
    if not report.loaded:
        first = ", ".join(report.skipped[:4])
        raise InputError(f"{path} has no array that fits the network {model.config.name}; its first are {first}")
    return report


def load_model(path):
    """Return the model that a file describes, with its weights, and with ``.class_names`` set.

    Raises InputError if the file cannot be read, lacks an array, or holds a number that is not finite.
    """
    description, arrays = read(path)
    try:
        model = SSD(config_from_dict(description["config"]))
    except Exception as reason:  # the description is of a file, and may be anything
        raise InputError(f"{path} describes a network that this version cannot build ({reason}); train again") from None
    report = assign(model, arrays)
    if report.reinitialised:
        lacking = report.reinitialised[0]
        raise InputError(f"{path} lacks {lacking} or has it in another shape or type; it is damaged, copy it anew")
    bad = [name for name in report.loaded if not np.isfinite(arrays[name]).all()]
    if bad:
        raise InputError(f"{path} holds weights that are not finite, first in {bad[0]}; take an earlier checkpoint")
    names = description.get("class_names") or [f"class {i}" for i in range(1, model.config.num_classes)]
    if len(names) != model.config.num_classes - 1:
        foreground = model.config.num_classes - 1
        raise InputError(
            f"{path} names {len(names)} classes for a network of {foreground}; it is damaged, copy it anew"
        )
    model.class_names = tuple(names)
    return model
