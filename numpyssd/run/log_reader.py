"""Read ``log.csv`` back, whatever state a crash or a resumed run left it in."""

from pathlib import Path

import numpy as np

from numpyssd.errors import InputError
from numpyssd.run.log import COLUMNS, read_rows


def read_log(path):
    """Return ``log.csv`` as a dictionary from column to (rows,) float64; what is missing or no number is NaN.

    A file that does not exist, is empty or was cut off in its last line is legal; lines without an iteration go. Raises
    InputError for one that cannot be read.
    """
    rows = []
    try:
        if Path(path).exists():
            rows = [[_number(row.get(name)) for name in COLUMNS] for row in read_rows(path)]
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror}); check what it is and its permissions") from None
    table = np.array(rows, dtype=np.float64).reshape(-1, len(COLUMNS))  # (rows, columns)
    table = table[np.isfinite(table[:, 0])]
    return dict(zip(COLUMNS, table.T))


def series(log, name):
    """Return the iterations and the values (n,) of one column where the value is finite."""
    finite = np.isfinite(log[name])
    return log["iteration"][finite], log[name][finite]


def smooth(values, window):
    """Return the mean of the ``window`` values around each of values (n,), of fewer at the ends."""
    if not len(values):
        return values
    window = max(1, min(window, len(values)))
    first = (window - 1) // 2
    sums = np.convolve(values, np.ones(window))[first : first + len(values)]
    counts = np.convolve(np.ones(len(values)), np.ones(window))[first : first + len(values)]
    return sums / counts


def _number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return np.nan
