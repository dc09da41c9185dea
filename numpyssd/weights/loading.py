"""Load weights: arrays that fit are copied into a model, and a report says what was loaded and what was not.

- ``load_model`` builds the model from the file: our own files and the whole SSDs of other projects have a config.
- ``load`` copies into a model that exists: a base network, or a network with other classes.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from numpyssd.config import Config, NetworkConfig
from numpyssd.detector import Network
from numpyssd.errors import InputError
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.weights.contents import FileContents
from numpyssd.weights.naming import class_names_of, guess
from numpyssd.weights.recognize import OWN, read
from numpyssd.weights.report import Report, shape_text
from numpyssd.weights.stored_config import checked_score_thresholds, weight_shapes


def fits(array, like) -> bool:
    """Return whether an array of a file can replace the array ``like``: the same shape, and floating point."""
    return array.shape == like.shape and array.dtype.kind == "f"


def assign(model: Network, arrays: dict) -> Report:
    """Copy arrays into the model by name where the shapes agree, and report what was done."""
    loaded, untouched, shapes = [], [], {}
    for name, parameter in model.parameters().items():
        shapes[name] = parameter.value.shape
        if name in arrays and fits(arrays[name], parameter.value):
            with np.errstate(over="ignore"):  # of float64; the caller looks for infinite numbers
                parameter.value[...] = arrays[name]
            loaded.append(name)
        else:
            untouched.append(name)
    for name, (layer, key) in model.running_statistics().items():
        shapes[name] = layer.running[key].shape
        if name in arrays and fits(arrays[name], layer.running[key]):
            with np.errstate(over="ignore"):
                layer.running[key] = arrays[name].astype(np.float32)
            loaded.append(name)
        else:
            untouched.append(name)
    skipped = [name for name in arrays if name not in loaded]
    there = {name: (name, array.shape) for name, array in arrays.items()}
    return Report(loaded, skipped, untouched, {name: (there.get(name), shapes.get(name)) for name in shapes | there})


def load(model: Network, path: Path | str) -> Report:
    """Load the arrays that fit from a file of any supported format into a model, and return a Report.

    path: a file, or the name of built-in weights. If the number of classes differs, only the conf predictors keep their
    initial values. The input rule of the file's network (mean, pixel_scale, resize) is copied to ``model.config``, and
    so to training and to its checkpoints.

    Raises InputError if the file cannot be read, has an unknown format, holds a number that is not finite, or if no
    layer fits.
    """
    file = read(path)
    report = report_of(file, assign(model, file.arrays))
    if not any(name.endswith(".weight") for name in report.loaded):  # biases alone may fit any network
        first = ", ".join(f"{name} {shape_text(file.arrays[name].shape)}" for name in list(file.arrays)[:4])
        raise InputError(
            f"{path} has no layer that fits the network {model.config.name}; its first are {first}; choose the preset "
            "that it was made for"
        )
    _check_finite(model, report, path)
    notes = list(report.notes)
    changed = {name: value for name, value in file.input_rule.items() if getattr(model.config, name) != value}
    if changed:
        model.config = replace(model.config, **changed)
        notes.append("images are now preprocessed as for the file's network: " + describe_input_rule(model.config))
    if file.config is not None and "loc.0.weight" in report.loaded and isinstance(model.config, Config):
        theirs, ours = default_boxes(file.config), default_boxes(model.config)
        if theirs.shape != ours.shape or np.abs(theirs - ours).max() > 1e-6:
            notes.append("the loc predictors were trained for other default boxes than this network's")
    theirs, ours = tuple(file.class_names or ()), tuple(getattr(model, "class_names", None) or ())
    if "conf.0.weight" in report.loaded and theirs and ours and theirs != ours and not file.names_are_guessed:
        notes.append(f"the conf predictors were trained for other classes: {', '.join(theirs[:6])[:200]}")
    return report._replace(notes=tuple(notes))


def load_model(path: Path | str, class_names: Sequence[str] | None = None) -> SSD:
    """Return the SSD that a file describes, with its weights, and with its class_names and score_thresholds.

    - path: our own file, a whole SSD of another project, or the name of built-in or published weights;
    - class_names: of the labels 1, 2, ..., in place of those in the file.

    Raises InputError if it cannot be read, is only a base network or no SSD, lacks an array, holds a number that is not
    finite, or has another number of classes.
    """
    return ssd_of(path, read(path), class_names)


def ssd_of(path: Path | str, file: FileContents, class_names: Sequence[str] | None = None) -> SSD:
    """Return what ``load_model`` returns, for the contents of a file."""
    if file.detector != Config.detector:
        raise InputError(f"{path} holds a detector of the kind {file.detector!r:.60}; only an SSD can be used here")
    if file.config is None:
        raise InputError(
            f"{path} is {file.source}: a base network, which detects nothing by itself; train with it, python -m "
            f"numpyssd.train --data VOC_ROOT --preset ssd300 --weights {path}"
        )
    try:
        shapes = weight_shapes(file.config)
        missing = next(
            (n for n, shape in shapes.items() if n not in file.arrays or file.arrays[n].shape != shape), None
        )
        model = None if missing else SSD(file.config)  # only then it takes no more memory than the file's own arrays
    except Exception as reason:  # the description comes from a file and may be anything
        raise InputError(f"{path} describes a network that this version cannot build ({reason}); train again") from None
    if missing:
        raise _lacks(path, missing, any(name.startswith("loc.") for name in file.arrays))
    return filled(model, path, file, class_names)


def filled(model, path: Path | str, file: FileContents, class_names: Sequence[str] | None = None):
    """Return a new model of any detector, filled with all that its file holds, as ``load_model`` says."""
    report = report_of(file, assign(model, file.arrays))
    if report.reinitialized:
        raise _lacks(path, report.reinitialized[0], has_predictors=True)
    _check_finite(model, report, path)
    names = class_names_of(path, file, model.config.num_classes, class_names)
    model.names_are_guessed = file.names_are_guessed and not class_names
    model.class_names = names
    model.notes = (*file.notes, guess(names)) if model.names_are_guessed else tuple(file.notes)
    try:
        model.score_thresholds = checked_score_thresholds(file.score_thresholds, len(names))
    except ValueError as reason:
        raise InputError(
            f"{path} has score_thresholds that cannot be used ({reason}); it is damaged, copy it anew"
        ) from None
    return model


def _lacks(path, name, has_predictors):
    if name.startswith("loc.") and not has_predictors:
        return InputError(
            f"{path} has no predictors, so that it detects nothing by itself; train with it, python -m numpyssd.train "
            f"--data FOLDER --weights {path}"
        )
    return InputError(f"{path} lacks {name} or has it in another shape or type; it is damaged, copy it anew")


def describe_input_rule(config: NetworkConfig) -> str:
    """Return in words how an image becomes the input of a network."""
    mean = ", ".join(f"{value:.6g}" for value in config.mean)
    scale = "" if config.pixel_scale == 1 else f", times {config.pixel_scale:.6g}"
    resized = {"average": "averaged", "opencv": "as OpenCV does", "float": "bilinear and not rounded"}
    return f"RGB less ({mean}){scale}; resized {resized.get(config.resize, config.resize)}"


def report_of(file: FileContents, report: Report) -> Report:
    """Return the report with the names in the file, and with the arrays that have no counterpart here."""
    if file.source == OWN:
        return report
    shapes = {name: (file.origins.get(name), ours) for name, (_, ours) in report.shapes.items()}
    shapes |= {name: ((name, shape), None) for name, shape in file.unused.items()}
    return report._replace(
        skipped=[*report.skipped, *file.unused], shapes=shapes, source=f"it is {file.source}", notes=file.notes
    )


def _check_finite(model, report, path):
    values = {name: parameter.value for name, parameter in model.parameters().items()}
    values |= {name: layer.running[key] for name, (layer, key) in model.running_statistics().items()}
    bad = [name for name in report.loaded if not np.isfinite(values[name]).all()]
    if bad:
        raise InputError(f"{path} holds weights that are not finite, first in {bad[0]}; take an earlier checkpoint")
