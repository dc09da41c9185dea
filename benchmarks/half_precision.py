"""Weights with half as many bytes: as float16 and compressed, for files that come with the project."""

import json

import numpy as np

from numpyssd.files import written_whole
from numpyssd.weights.formats import npz


def write_half(source, path, without=(), **changes):
    """Write a file of weights once more with its arrays as float16.

    without: beginnings of the names of arrays that are left out. changes: of the description, which else keeps its
    format, detector, config, class names and score thresholds.
    """
    description, arrays = npz.read(source)
    keys = ("format", "detector", "config", "class_names", "score_thresholds")
    text = {key: description[key] for key in keys if key in description} | changes
    halved = {name: array.astype(np.float16) for name, array in arrays.items() if not name.startswith(tuple(without))}
    with written_whole(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **{npz.DESCRIPTION: np.array(json.dumps(text))}, **halved)
