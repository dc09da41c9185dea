"""``log.csv``: one line for each few iterations, appended and flushed, so that a crash loses none of them."""

import csv
import os

from numpyssd.errors import InputError

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
            temporary = path.with_name(path.name + ".tmp")  # in place, a crash now would lose all earlier rows
            with open(temporary, "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns, extrasaction="ignore")
                writer.writeheader()
                writer.writerows(rows)
            os.replace(temporary, path)
            self.file = open(path, "a", newline="", encoding="utf-8")  # noqa: SIM115
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
        why = reason.strerror or reason
        return InputError(f"{self.path} cannot be written ({why}); free some space and go on with --resume")


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
