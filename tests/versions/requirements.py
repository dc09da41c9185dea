"""The packages of requirements.txt with their lower bounds, and the oldest release that a Python can install."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEST_TOOLS = ("pytest", "hypothesis")
LINT_ONLY = ("pytest-cov", "pytest-xdist", "ruff", "mypy")


def lower_bounds():
    """Return {package: lower bound} of what the tests need, in the order of requirements.txt."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    found = dict(re.findall(r"^([\w-]+)>=([\d.]+)", text, re.MULTILINE))
    return {name: bound for name, bound in found.items() if name not in LINT_ONLY}


def oldest(name, bound, python):
    """Return the oldest release from ``bound`` on that has a wheel for an interpreter, or None."""
    command = [python, "-m", "pip", "install", "--dry-run", "--no-deps", "--only-binary=:all:", f"{name}==0"]
    return oldest_of(subprocess.run(command, capture_output=True, text=True).stderr, bound)


def oldest_of(refusal, bound):
    """Return the oldest release from ``bound`` on among those that pip lists when it refuses an impossible version."""
    listed = re.search(r"\(from versions: (.*?)\)", refusal)
    versions = [text for text in (listed[1].split(", ") if listed else []) if re.fullmatch(r"\d+(\.\d+)*", text)]
    return min((text for text in versions if _numbers(text) >= _numbers(bound)), key=_numbers, default=None)


def _numbers(version):
    numbers = [*map(int, version.split("."))]
    return numbers + [0] * (4 - len(numbers))
