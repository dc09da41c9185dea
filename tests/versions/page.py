"""The tables of docs/versions.md, each from the rows that a command has kept in benchmarks/results/versions.json."""

import json

from tests.versions.requirements import ROOT

PAGE = ROOT / "docs/versions.md"
KEPT = ROOT / "benchmarks/results/versions.json"
PACKAGES = ("numpy", "numba", "llvmlite", "pillow", "matplotlib")


def keep(table, rows):
    """Put rows in the place of those of the same Python, packages and system, and write the page's tables anew."""
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    merged = {_key(row): row for row in kept.get(table, []) + rows}
    kept[table] = list(merged.values()) if table == "wheels" else sorted(merged.values(), key=_key)
    KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), kept), encoding="utf-8")


def _key(row):
    return tuple(map(int, row["python"].split("."))), row.get("set"), row["system"]


def with_tables(text, kept):
    """Return a page with each table between its two marks as it follows from the rows kept."""
    for name, table in (("tests", tests_table), ("wheels", wheels_table)):
        if name in kept:
            begin, end = f"<!-- {name} -->\n", "<!-- end -->"
            before, after = text.split(begin)
            text = before + begin + table(kept[name]) + end + after.split(end, 1)[1]
    return text


def tests_table(rows):
    """Return the table of the runs of the tests: what tests.versions.run keeps."""
    head = ["Python", "on", "packages", *PACKAGES, "passed", "failed", "skipped"]
    lines = []
    for row in rows:
        begun = [row["full"], row["system"], row["set"]]
        if "reason" in row:
            lines.append([*begun, row["reason"], *[""] * (len(head) - len(begun) - 1)])
        else:
            lines.append([*begun, *[row["versions"][name] for name in PACKAGES], *row["outcome"]])
    return _table(head, lines)


def wheels_table(rows):
    """Return the table of the wheels: a line for each system, a column for each Python."""
    pythons = list(dict.fromkeys(row["python"] for row in rows))
    systems = list(dict.fromkeys(row["system"] for row in rows))
    answers = {(row["system"], row["python"]): row for row in rows}
    newest = {python: answers[systems[0], python]["found"] for python in pythons}
    lines = [[systems[0], *[", ".join(f"{k} {v}" for k, v in newest[python].items()) for python in pythons]]]
    for system in systems[1:]:
        lines.append([system, *[_difference(answers[system, python], newest[python]) for python in pythons]])
    return _table(["wheels", *pythons], lines)


def _difference(answer, newest):
    if answer["missing"]:
        return "no " + ", ".join(answer["missing"])
    other = [f"{name} {version}" for name, version in answer["found"].items() if version != newest[name]]
    return ", ".join(other) or "the same"


def _table(head, lines):
    rows = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)
