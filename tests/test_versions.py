"""Pythons and packages: what pyproject.toml, the workflow, the Makefile and docs/versions.md say of them agrees."""

import importlib.util
import json
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.versions import page, run, wheels
from tests.versions.requirements import ROOT, lower_bounds, oldest_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CLAIMED = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["classifiers"]))
WORKFLOW = (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_same_pythons_are_named_everywhere():
    assert PROJECT["requires-python"] == f">={CLAIMED[0]}"
    assert tuple(f"python{version}" for version in CLAIMED) == run.PYTHONS
    assert tuple(CLAIMED) == wheels.PYTHONS
    assert f"from {CLAIMED[0]} to {CLAIMED[-1]}" in page.PAGE.read_text(encoding="utf-8")
    assert f"from {CLAIMED[0]} to {CLAIMED[-1]}" in MAKEFILE
    assert set(re.findall(r'"(3\.\d+)"', WORKFLOW)) <= set(CLAIMED)
    (matrix,) = re.findall(r"python: \[(.+)\]", WORKFLOW)
    assert re.findall(r"3\.\d+", matrix) == [CLAIMED[0], CLAIMED[-1]]


def test_what_the_workflow_calls_exists():
    commands = re.findall(r"- run: (.+)", WORKFLOW)
    assert len(commands) == 4
    for command in commands:
        for module in re.findall(r"python -m ([\w.]+)", command):
            assert importlib.util.find_spec(module), module
        for target in re.findall(r"^make ([\w-]+)", command):
            assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target
        for name in re.findall(r"-r (\S+)", command):
            assert (ROOT / name).is_file()
    assert all(option in run.SETS for option in re.findall(r"--sets (\w+)", WORKFLOW))
    assert "# Never run: " in WORKFLOW.splitlines()[0]


def test_the_oldest_packages_are_the_lower_bounds():
    bounds = lower_bounds()
    for one in map(Requirement, PROJECT["dependencies"]):
        assert str(one.specifier) == f">={bounds[one.name]}"
    assert {"pytest", "hypothesis"} <= set(bounds)
    assert not {"ruff", "mypy"} & set(bounds)


def test_the_oldest_release_is_chosen_by_number_among_final_ones():
    refusal = "ERROR: ... numpy==0 (from versions: 1.9.0, 1.26.10, 1.26.2, 2.0.0rc1, 2.0.0)\nERROR: No matching"
    assert oldest_of(refusal, "1.26") == "1.26.2"
    assert oldest_of(refusal, "1.26.3") == "1.26.10"
    assert oldest_of(refusal, "2") == "2.0.0"
    assert oldest_of(refusal, "2.1") is None
    assert oldest_of("ERROR: No matching distribution found for numpy==0", "1.26") is None


def test_a_set_for_intel_macs_has_the_last_numba_for_them():
    asked = run.packages("newest", "python")
    assert asked == [f"{name}>={bound}" for name, bound in lower_bounds().items()]
    for_macs = run.packages("Intel Mac", "python")
    assert sorted(set(for_macs) - set(asked)) == [f"numba>={lower_bounds()['numba']},<0.63"]
    rows = json.loads(page.KEPT.read_text(encoding="utf-8"))["wheels"]
    found = [row["found"]["numba"] for row in rows if row["system"] == "macOS 14, Intel" and row["found"]]
    assert found
    assert all(Version("0.62") <= Version(version) < Version("0.63") for version in found)


def test_why_a_set_cannot_be_installed_is_said_in_a_few_words():
    refusal = "ERROR: Ignored ...\nERROR: No matching distribution found for numba<0.63,>=0.61\n"
    assert run.reason(refusal) == "no wheel of numba<0.63,>=0.61"
    assert run.reason("a b\nc") == "a b c"


@pytest.mark.parametrize(("counts", "expected"), [((9, 1, 1, 3), [4, 2, 3]), ((5, 0, 0, 0), [5, 0, 0])])
def test_what_came_of_the_tests_is_counted(tmp_path, counts, expected):
    file = tmp_path / "report.xml"
    assert run.outcome(file) == [0, 1, 0]  # a run that broke off
    suite = 'tests="{}" failures="{}" errors="{}" skipped="{}"'.format(*counts)
    file.write_text(f"<testsuites><testsuite {suite}></testsuite></testsuites>", encoding="utf-8")
    assert run.outcome(file) == expected


def test_the_tables_of_the_page_are_those_of_the_rows_kept():
    kept = json.loads(page.KEPT.read_text(encoding="utf-8"))
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.with_tables(text, kept) == text
    for row in kept["tests"]:
        for name, version in row.get("versions", {}).items():
            assert Version(version) >= Version(lower_bounds().get(name, "0")), row  # or else make check-versions again
        assert row.get("outcome", [1, 0])[1] == 0, row


def test_packages_that_could_not_be_tried_are_a_failure():
    assert not run.failed({"set": "oldest", "outcome": [9, 0, 1]})
    assert run.failed({"set": "newest", "outcome": [9, 1, 0]})
    assert run.failed({"set": "oldest", "reason": "no wheel of numba"})
    assert not run.failed({"set": "Intel Mac", "reason": "no wheel of numba"})
