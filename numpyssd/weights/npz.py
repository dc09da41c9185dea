"""The project's own file: an ``.npz`` of plain arrays, one for each parameter, and one of JSON text about them.

Nothing in it is ever executed (no pickles), and it is written to a temporary file that is renamed when complete, so a
crash leaves the old file as it was.
"""

import contextlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from numpyssd.config import Config, ExtraLayer, FeatureMap
from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD

FORMAT = "numpyssd 1"
DESCRIPTION = "description"  # the name of the array of JSON text


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


def config_from_dict(values):
    """Return the Config that ``dataclasses.asdict`` made a dictionary of."""
    values = dict(values)
    values["feature_maps"] = tuple(
        FeatureMap(**{**row, "aspect_ratios": tuple(row["aspect_ratios"])}) for row in values["feature_maps"]
    )
    values["extra_layers"] = tuple(ExtraLayer(**row) for row in values["extra_layers"])
    values["base_blocks"] = tuple(tuple(block) for block in values["base_blocks"])
    for name in ("base_tail", "pool_strides", "mean"):
        values[name] = tuple(values[name])
    return Config(**values)


def save(model, path, class_names=None, extra_arrays=None, **description):
    """Write the weights, the running statistics and the config of a model, and whatever else is given, to ``path``.

    class_names: the names of the classes 1, 2, ...; default: ``model.class_names`` if it has any. extra_arrays and
    description (anything JSON can say) ride along; a checkpoint puts its momentum and iteration there.
    Raises InputError if the file cannot be written.
    """
    if class_names is None:
        class_names = getattr(model, "class_names", None)
    arrays = {name: parameter.value for name, parameter in model.parameters().items()}
    arrays |= {name: layer.running[key] for name, (layer, key) in model.running_statistics().items()}
    text = {
        "format": FORMAT,
        "config": asdict(model.config),
        "class_names": list(class_names) if class_names is not None else None,
        **description,
    }
    path = Path(path)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as file:
            np.savez(file, **{DESCRIPTION: np.array(json.dumps(text))}, **arrays, **(extra_arrays or {}))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as reason:
        why = reason.strerror or reason
        raise InputError(f"{path} cannot be written ({why}); free some space or choose another folder") from None
    finally:
        with contextlib.suppress(OSError):  # it is there only if something went wrong above
            temporary.unlink()


def read(path):
    """Return the description (a dictionary) and the arrays of a file that ``save`` wrote.

    Raises InputError, naming the file and the remedy, if it is missing, damaged or something else.
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        description = json.loads(str(arrays.pop(DESCRIPTION)[()]))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{path} does not exist; give a file that training wrote, such as best.npz") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; give the .npz file in it, such as {path / 'best.npz'}") from None
    except PermissionError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror}); change its permissions") from None
    except Exception as reason:  # what NumPy, zipfile and json raise for other or damaged files has no end
        why = f"{type(reason).__name__}: {reason}".splitlines()[0]
        raise InputError(
            f"{path} is not a numpyssd checkpoint, or is damaged ({why}); train again or copy it anew"
        ) from None
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise InputError(
            f"{path} is not a checkpoint of this version ({FORMAT}); train again or use the version that wrote it"
        )
    return description, arrays


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
