"""The Makefile: nothing in it is newer than the make 3.81 of macOS, and a Python that cannot be used is told of."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "Makefile").read_text(encoding="utf-8")
# What came later, by the NEWS of GNU make.
NEWER = {
    "3.82": r"^\.ONESHELL|\.SHELLFLAGS|^private |^undefine |^define .*=|\.RECIPEPREFIX",
    "4.0": r"::=|!=|\$\((file|guile) |--output-sync(?!=target\)$)|--trace",
    "4.2": r"\.SHELLSTATUS",
    "4.3": r"&:|\.EXTRA_PREREQS",
    "4.4": r"\$\((let|intcmp) |\.WAIT|\.NOTINTERMEDIATE|--shuffle|:::=",
}
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.mark.parametrize("version", NEWER)
def test_nothing_is_newer_than_the_make_of_macos(version):
    assert not re.findall(NEWER[version], TEXT, re.MULTILINE)


def make(folder, *arguments, **environment):
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements.txt").touch()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env={**inherited, **environment}, capture_output=True, text=True, timeout=60
    )


@needs_make
@pytest.mark.parametrize(
    ("features", "options"), [("archives jobserver", ""), ("output-sync", "--output-sync=target ")]
)
def test_output_is_held_back_where_make_can(tmp_path, features, options):
    (tmp_path / ".venv").mkdir()
    result = make(tmp_path, "-n", "check-trust", f".FEATURES={features}", "--touch", "--old-file=.venv/ready")
    assert f"--jobs=2 {options}check-trust-files" in " ".join(result.stdout.split()), result


# A Python whose pip finds no Numba: `python -c` is content, `python -m venv DIR` makes a Python that always fails.
NO_NUMBA = """#!/bin/sh
[ "$1" = -c ] && exit 0
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "$@"; echo No matching distribution found for numba >&2; exit 1\\n' > "$3/bin/python"
chmod +x "$3/bin/python"
"""
SENTENCE = (
    "If pip finds no Numba for this Python: numpyssd needs a 64-bit Python from 3.11 to 3.14, "
    "and not Alpine Linux; docs/versions.md lists what there is."
)


@needs_make
@pytest.mark.skipif(os.name == "nt", reason="the Python of this test is a shell script")
def test_a_python_without_numba_is_told_of(tmp_path):
    python = tmp_path / "python4"
    python.write_text(NO_NUMBA, encoding="utf-8")
    python.chmod(0o755)
    result = make(tmp_path, "tiny", f"PYTHON={python}")
    assert result.returncode == 2
    assert "--only-binary=numba,llvmlite" in result.stdout  # or pip would begin to build it
    found = [line for line in result.stderr.splitlines() if not line.startswith("make")]
    assert found == ["No matching distribution found for numba", SENTENCE]
    assert not (tmp_path / ".venv/ready").exists()
