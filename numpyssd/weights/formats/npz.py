"""The project's own format: an ``.npz`` of plain arrays, one for each parameter, and a JSON text that describes them.

Nothing in it is ever executed (no pickles), and it is written whole or not at all.
"""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from numpyssd.errors import InputError
from numpyssd.files import write_error, written_whole
from numpyssd.weights.formats.archive import open_archive, read_array, read_arrays
from numpyssd.weights.formats.errors import unreadable

FORMAT = "numpyssd 1"
DESCRIPTION = "description"  # the name of the array of JSON text
MAX_DESCRIPTION = 16 << 20  # bytes; an honest one has some thousands


def save(model, path: Path | str, class_names=None, extra_arrays: dict | None = None, **description):
    """Write the weights, the running statistics, the config and the score thresholds of a model to ``path``.

    - class_names: the names of the classes 1, 2, ...; by default ``model.class_names`` if it has any;
    - extra_arrays: further arrays by name, such as the momentum of a checkpoint;
    - description: further values that JSON can hold, such as the iteration of a checkpoint.

    Raises InputError if the file cannot be written.
    """
    if class_names is None:
        class_names = getattr(model, "class_names", None)
    thresholds = getattr(model, "score_thresholds", None)
    arrays = {name: parameter.value for name, parameter in model.parameters().items()}
    arrays |= {name: layer.running[key] for name, (layer, key) in model.running_statistics().items()}
    text = {
        "format": FORMAT,
        "detector": model.config.detector,
        "config": asdict(model.config),
        "class_names": list(class_names) if class_names is not None else None,
        "score_thresholds": list(map(float, thresholds)) if thresholds is not None else None,
        **description,
    }
    _write(Path(path), text, arrays | (extra_arrays or {}))


def store_score_thresholds(path: Path | str, thresholds):
    """Write score thresholds, a number for each label or None, into a file that ``save`` wrote; all else stays.

    Raises InputError if the file cannot be read as such, or not be written.
    """
    description, arrays = read(path)
    description["score_thresholds"] = None if thresholds is None else list(map(float, thresholds))
    _write(Path(path), description, arrays)


def _write(path, description, arrays):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path, per_process=True, sync=True) as temporary, open(temporary, "wb") as file:
            np.savez(file, **{DESCRIPTION: np.array(json.dumps(description))}, **arrays)  # type: ignore[arg-type]
    except OSError as reason:
        raise write_error(path, reason, "free some space or choose another folder") from None


def read(path: Path | str) -> tuple[dict, dict]:
    """Return the description and the arrays, both by name, of a file that ``save`` wrote.

    Raises InputError, naming the file and the remedy, if it is missing, damaged or of another format.
    """
    path = Path(path)
    try:
        arrays = read_arrays(path)
        description = _parsed(arrays.pop(DESCRIPTION))
    except OSError as reason:
        raise unreadable(path, reason) from None
    except Exception as reason:  # NumPy, zipfile and json raise almost anything for a damaged file
        why = f"{type(reason).__name__}: {reason}".splitlines()[0]
        raise InputError(
            f"{path} is not a numpyssd checkpoint, or is damaged ({why}); train again or copy it anew"
        ) from None
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise InputError(
            f"{path} is not a checkpoint of this version ({FORMAT}); train again or use the version that wrote it"
        )
    return description, arrays


def read_description(path: Path | str) -> dict | None:
    """Return the description without reading the weights; None if the file has none that can be read."""
    try:
        with open_archive(path) as archive:
            return _parsed(read_array(archive, f"{DESCRIPTION}.npy"))
    except Exception:  # the error is told by ``read``, when the weights are read
        return None


def _parsed(text):
    """Return the value in an array of JSON text."""
    if text.dtype.kind != "U" or text.ndim or text.nbytes > MAX_DESCRIPTION:
        raise ValueError("a description that is no text, or far too long")
    found = json.loads(str(text[()]))
    names = found.get("class_names") if isinstance(found, dict) else None
    if names is not None and not (isinstance(names, list) and all(isinstance(n, str) and n for n in names)):
        raise ValueError("names of classes that are no names")
    return found
