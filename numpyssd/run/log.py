"""``log.csv``: one row every few iterations, flushed at once, and read back whatever a crash left of it."""

import csv
from pathlib import Path

import numpy as np

from numpyssd.errors import InputError
from numpyssd.files import patiently, to_float, write_error, written_whole

LONGEST_LINE = 10_000  # characters
# fmt: off
COLUMNS = (
    "iteration", "epoch", "seconds", "lr", "loss", "loc", "conf", "positives", "negatives", "gradient_norm",
    "images_per_second", "val_map",
)
# fmt: on


class Log:
    """Appends rows to log.csv, or to another file; on resuming, rows past the checkpoint and damaged ones go first.

    Raises InputError if the file cannot be written.
    """

    def __init__(self, path, resume_at=None, columns=COLUMNS):
        self.path = path
        try:
            rows = [] if resume_at is None or not path.exists() else _rows_until(path, resume_at)
            # In place, a crash now would lose all earlier rows.
            with written_whole(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns, extrasaction="ignore")
                writer.writeheader()
                writer.writerows(rows)
            self.file = patiently(open, path, "a", newline="", encoding="utf-8")
        except OSError as reason:
            raise self._error(reason) from None
        self.writer = csv.DictWriter(self.file, columns, extrasaction="ignore")

    def add(self, **values):
        """Append one row; columns left out stay empty, floats keep six digits."""
        row = {name: f"{value:.6g}" if isinstance(value, float) else value for name, value in values.items()}
        self._write(self.writer.writerow, row)

    def close(self):
        """Close the file."""
        self._write(self.file.close)

    def _write(self, write, *values):
        try:
            write(*values)
            if not self.file.closed:
                self.file.flush()
        except OSError as reason:
            raise self._error(reason) from None

    def _error(self, reason):
        return write_error(self.path, reason, "free some space and go on with --resume")


def _rows_until(path, iteration):
    """Return the rows of a log up to an iteration, without a line that a crash cut off or filled with NULs."""
    kept = []
    for row in read_rows(path):
        number = row.get("iteration") or ""
        if number.isdecimal() and int(number) <= iteration and None not in row and None not in row.values():
            kept.append(row)
    return kept


def read_rows(path):
    """Return the rows of a log, dictionaries from column to text, whatever a crash has left at its end.

    A crash of the machine can leave a block of NULs, which older csv modules refuse, and other remains without an end
    of the line, which all of them refuse if they are long. Nothing we write is quoted, so no quote joins lines.
    """
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        lines = (line.replace("\0", "") for line in file)
        return list(csv.DictReader((line for line in lines if len(line) < LONGEST_LINE), quoting=csv.QUOTE_NONE))


def read_log(path):
    """Return ``log.csv`` as a dictionary from column to (rows,) float64; what is missing or no number is NaN.

    A file that does not exist, is empty or was cut off in its last line is legal; lines without an iteration go. Raises
    InputError for one that cannot be read.
    """
    rows = []
    try:
        if Path(path).exists():
            rows = [[to_float(row.get(name), np.nan) for name in COLUMNS] for row in read_rows(path)]
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
