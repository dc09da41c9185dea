"""Mutation testing: make mutants. For each mutant of the files below, do the file's own tests fail?

    python -m tests.mutation.run                        # all files, and the table benchmarks/results/mutants.md
    python -m tests.mutation.run numpyssd/boxes.py      # that file; the others in the table are as they were
    python -m tests.mutation.run --again                # only the mutants that survived before, with the tests of now

A run that is broken off goes on where it was, unless the file has changed; what is known already is not tried again
unless the tests have changed.
A mutant that no test notices is either explained in explained.py, because it does the same as the original, or a hole.
The exit code is 1 if there is a hole.
"""

import argparse
import json
import sys
from pathlib import Path

from tests.mutation import trial
from tests.mutation.explained import EXPLAINED
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.table import FILES, write_table

STATE = Path(".mutants")  # what survived, a file for each file


def examine(path, tests, again):
    """Try the mutants of one file, print and remember those that survive."""
    source, row = Path(path).read_text(encoding="utf-8"), remembered(path)
    if row and row["tried"] == row["mutants"] and row["tests"] == _text(tests) and not again:
        return print(f"{path}: all {row['mutants']} mutants have been tried already")
    outcome, seconds = trial.try_out(path, source, tests, 300)
    if outcome != trial.SURVIVED:
        sys.exit(f"{path} as it is already fails its tests: {', '.join(tests)}")
    everything = mutants(source)
    if row and again:
        candidates, row["survivors"] = row["survivors"], []
    elif row and row["tried"] < len(everything):  # a run that was broken off
        candidates = everything[row["tried"] :]
    else:
        candidates = everything
        row = {"source": source, "mutants": len(everything), "tried": 0, "too slow": 0, "survivors": []}
    row["tests"] = _text(tests)
    print(f"{path}: {len(candidates)} of {len(everything)} mutants, the tests take {seconds:.1f} s", flush=True)
    for left, mutant in reversed(list(enumerate(reversed(candidates)))):
        outcome, _ = trial.try_out(path, mutant.source, tests, 10 + 5 * seconds)
        row["too slow"] += outcome == trial.TOO_SLOW
        if outcome == trial.SURVIVED:
            row["survivors"].append(mutant)
            if reason(path, mutant) is None:
                print(f"  line {mutant.line} survives\n    - {mutant.before}\n    + {mutant.after}", flush=True)
        if not again:
            row["tried"] += 1
        if not again or left == 0:
            _save(path, row)


def _text(paths):
    return "".join(Path(path).read_text(encoding="utf-8") for path in paths)


def _state(path):
    return STATE / f"{path.replace('/', '.')}.json"


def _save(path, row):
    STATE.mkdir(exist_ok=True)
    new = _state(path).with_suffix(".tmp")
    new.write_text(json.dumps(row), encoding="utf-8")
    new.replace(_state(path))


def remembered(path):
    """Return what came of the mutants of a file, or None if they are yet to be tried or the file has changed since."""
    row = json.loads(_state(path).read_text(encoding="utf-8")) if _state(path).exists() else {}
    if row.get("source") != Path(path).read_text(encoding="utf-8"):
        return None
    return {**row, "survivors": [Mutant(*fields) for fields in row["survivors"]]}


def reason(path, mutant):
    """Return why a mutant that survives is no hole, or None."""
    return EXPLAINED.get((path, mutant.before, mutant.after))


def main():
    """Examine the files that the command line names, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE", help=f"one of {', '.join(FILES)}")
    parser.add_argument("--again", action="store_true", help="only those that survived before")
    options = parser.parse_args()
    for path in options.files:
        if path not in FILES:
            parser.error(f"{path} is not among the files: {', '.join(FILES)}")
    trial.preload()
    for path in options.files or FILES:
        examine(path, FILES[path], options.again)
    rows = {path: row for path in FILES if (row := remembered(path))}
    write_table(rows, reason)
    sys.exit(any(reason(path, mutant) is None for path, row in rows.items() for mutant in row["survivors"]))


if __name__ == "__main__":
    main()
