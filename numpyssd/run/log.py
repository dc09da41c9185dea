"""``log.csv``: one line for each few iterations, appended and flushed, so that a crash loses none of them."""

import csv

COLUMNS = (
    "iteration", "epoch", "seconds", "lr", "loss", "loc", "conf", "positives", "negatives",
    "gradient_norm", "images_per_second", "val_map",
)  # fmt: skip


class Log:
    """Appends rows to log.csv; on resuming, rows past the checkpoint are dropped first."""

    def __init__(self, path, resume_at=None):
        rows = []
        if resume_at is not None and path.exists():
            with open(path, newline="", encoding="utf-8") as file:
                rows = [row for row in csv.DictReader(file) if int(row["iteration"]) <= resume_at]
        self.file = open(path, "w", newline="", encoding="utf-8")
        self.writer = csv.DictWriter(self.file, COLUMNS, extrasaction="ignore")
        self.writer.writeheader()
        self.writer.writerows(rows)
        self.file.flush()

    def add(self, **values):
        """Append one row; columns left out stay empty, floats keep six digits."""
        row = {name: f"{value:.6g}" if isinstance(value, float) else value for name, value in values.items()}
        self.writer.writerow(row)
        self.file.flush()

    def close(self):
        """Close the file."""
        self.file.close()
