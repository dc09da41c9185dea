"""The file of the clinic's runs: written by ``python -m benchmarks.clinic``, read by lesson 17."""

import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).parents[3] / "benchmarks" / "results" / "clinic.json"
LETTERS = {
    "A": "labels", "B": "negatives", "C": "rate", "D": "leak", "E": "boxes", "F": "warm_up", "G": "defaults", "H": "mean",
}  # fmt: skip
COLUMNS = ("loc", "conf", "positives", "gradient_norm")  # one number for each iteration


def load_runs(path=FILE):
    """Return the runs that the lesson shows, {name: record}, with arrays in place of their columns."""
    runs = stored(path)[0]
    for record in runs.values():
        record |= {name: np.array(record[name], float) for name in COLUMNS}
        record["iteration"] = np.arange(1, len(record["conf"]) + 1)
    return runs


def load_hidden(path=FILE):
    """Return the symptoms of runs of other seeds, a list of (name, symptoms): for the last exercise."""
    return [(name, seen) for name, _, seen in stored(path)[1]]


def stored(path):
    """Return the runs, {name: record}, and the hidden ones, a list of [name, seed, symptoms]; none without a file."""
    if not Path(path).exists():
        return {}, []
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    return found["runs"], found["hidden"]


def write(path, runs, hidden):
    """Write runs, {name: record}, and hidden, a list of [name, seed, symptoms], each on a line of its own."""
    lines = [f'"{name}": {_line(record)}' for name, record in runs.items()]
    others = [_line(pair) for pair in hidden]
    text = '{"runs": {\n' + ",\n".join(lines) + '\n},\n"hidden": [\n' + ",\n".join(others) + "\n]}\n"
    Path(path).write_text(text, encoding="utf-8")


def _line(value):
    return json.dumps(value, separators=(",", ":"))
