"""Which files are examined with which tests, and the table of what came of it."""

from pathlib import Path

RESULTS = Path("benchmarks/results/mutants.md")
FILES = {
    "numpyssd/boxes.py": ["tests/test_boxes.py"],
    "numpyssd/training/matching.py": ["tests/training/test_matching.py"],
    "numpyssd/training/matching_variants.py": ["tests/training/test_matching.py"],
    "numpyssd/training/hard_negative_mining.py": ["tests/training/test_hard_negative_mining.py"],
    "numpyssd/training/losses.py": ["tests/training/test_losses.py"],
    "numpyssd/training/multibox_loss.py": ["tests/training/test_multibox_loss.py"],
    "numpyssd/inference/nms.py": ["tests/inference/test_nms.py"],
    "numpyssd/inference/average_precision.py": [
        "tests/inference/test_average_precision.py",
        "tests/inference/test_devkit_rule.py",
    ],
    "numpyssd/inference/detection_matching.py": [
        "tests/inference/test_detection_matching.py",
        "tests/inference/test_average_precision.py",
    ],
    "numpyssd/inference/precision_recall.py": ["tests/inference/test_average_precision.py"],
}
HEAD = """# Mutants: does a test notice when the code is wrong?

Each mutant is a file with one small thing wrong: another operator or comparison, a number one larger or smaller, a
condition turned round, `minimum` for `maximum`. It is killed if the file's own tests fail, or take five times as
long (an endless loop). A survivor is either a hole in the tests, or does the same as the original. Only the code above
a file's figures is changed. Command: `make mutants`, which makes this table.

| File | Mutants | Killed | of these too slow | Same as the original | Holes | Killed |
|---|---:|---:|---:|---:|---:|---:|
"""
SAME = """
The last column is killed / mutants, with those that do the same counted as survivors.

## Survivors that do the same as the original

| File | Line | Becomes | Why no test can tell |
|---|---|---|---|
"""
HOLES = """
## Holes

| File | Line | Becomes |
|---|---|---|
"""


def write_table(rows, reason):
    """Write the table of rows, path -> {"mutants", "tried", "too slow", "survivors"}; reason is run.reason."""
    lines, same, holes = [], [], []
    totals = [0] * 5
    for path, row in rows.items():
        reasons = [(mutant, reason(path, mutant)) for mutant in row["survivors"]]
        equal = sum(why is not None for _, why in reasons)
        counts = [row["tried"], row["tried"] - len(reasons), row["too slow"], equal, len(reasons) - equal]
        totals = [a + b for a, b in zip(totals, counts)]
        left = f" (begun: {row['tried']} of {row['mutants']})" if row["tried"] < row["mutants"] else ""
        lines.append(_row(f"`{path}`{left}", counts))
        for mutant, why in reasons:
            cells = [f"`{path.rsplit('/', 1)[1]}`", _code(mutant.before), _code(mutant.after)]
            (holes if why is None else same).append(_line([*cells, *([why] if why else [])]))
    lines.append(_row("all", totals))
    text = HEAD + "".join(lines) + SAME + "".join(same) + (HOLES + "".join(holes) if holes else "")
    RESULTS.write_text(text, encoding="utf-8")


def _row(name, counts):
    return _line([name, *map(str, counts), f"{counts[1] / counts[0]:.1%}"])


def _line(cells):
    return f"| {' | '.join(cells)} |\n"


def _code(line):
    return f"`{line}`".replace("|", "\\|")
