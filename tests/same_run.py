"""Two runs of training that must have left the same."""

import json

import numpy as np

from numpyssd.run.log import read_log
from numpyssd.weights.formats.npz import read


def same(folder, expected, names=("last.npz", "best.npz")):
    """Assert that two runs have left the same weights, momenta, averages and log, but for the clock."""
    for name in names:
        (a, arrays), (b, others) = read(folder / name), read(expected / name)
        assert list(arrays) == list(others)
        for key, array in others.items():
            np.testing.assert_array_equal(arrays[key], array, err_msg=f"{folder.name}, {name}: {key}")
        for description in (a, b):
            description.get("state", {}).pop("seconds", None)
        assert json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)
    log, others = read_log(folder / "log.csv"), read_log(expected / "log.csv")
    for column in set(others) - {"seconds", "images_per_second"}:
        np.testing.assert_array_equal(log[column], others[column], err_msg=column)
