"""Which systems have wheels of what numpyssd needs: the second table of docs/versions.md.

    python -m tests.versions.wheels             # needs Python 3.13 or newer, and downloads several GB

For each system and Python, ``pip download --only-binary=:all:`` is asked for the packages of requirements.txt together,
as an installation would; where there is no answer, for each of them alone. Nothing of it is installed.
"""

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.versions.page import PACKAGES, keep
from tests.versions.requirements import TEST_TOOLS, lower_bounds

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# As pip calls them: a wheel for any one of the names fits. For a Mac, pip adds the names of older systems itself.
SYSTEMS = {
    "Linux x86-64": [f"manylinux_2_{minor}_x86_64" for minor in (28, 27, 26, 24, 17)] + ["manylinux2014_x86_64"],
    "Linux Arm, 64 bits": [f"manylinux_2_{minor}_aarch64" for minor in (28, 27, 26, 24, 17)]
    + ["manylinux2014_aarch64"],
    "macOS 14, Apple silicon": ["macosx_14_0_arm64"],
    "macOS 14, Intel": ["macosx_14_0_x86_64"],
    "Windows x64": ["win_amd64"],
    "Windows Arm": ["win_arm64"],
    "Alpine Linux (musl) x86-64": ["musllinux_1_2_x86_64", "musllinux_1_1_x86_64"],
    "Linux Arm, 32 bits": ["linux_armv7l", "manylinux_2_31_armv7l", "manylinux2014_armv7l"],
    "Windows, 32 bits": ["win32"],
}


def download(packages, platforms, python):
    """Return {package: version} of the wheels that pip chooses, or None if there are none for all of them."""
    named = [option for platform in platforms for option in ("--platform", platform)]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", "--dest", folder]
        result = subprocess.run(
            [*command, "--python-version", python, *named, *packages], capture_output=True, text=True
        )
        if result.returncode:
            if "No matching distribution" not in result.stderr and "ResolutionImpossible" not in result.stderr:
                sys.exit(result.stderr)  # no network, say: that is no answer
            return None
        return dict(path.name.split("-")[:2] for path in Path(folder).iterdir())


def ask(system, python):
    """Return {"found": {package: version}, "missing": [package]} for one system and Python."""
    bounds = {name: f"{name}>={bound}" for name, bound in lower_bounds().items() if name not in TEST_TOOLS}
    found, missing = download(bounds.values(), SYSTEMS[system], python), []
    if found is None:
        missing = [name for name in bounds if download([bounds[name]], SYSTEMS[system], python) is None]
        found = {}
    print(f"{system}, Python {python}: {missing or found}", flush=True)
    return {"found": {name: found[name] for name in PACKAGES if name in found}, "missing": missing}


def main():
    """Ask for every system and Python, two at a time, and write the table."""
    pairs = [(system, python) for system in SYSTEMS for python in PYTHONS]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda pair: ask(*pair), pairs))
    keep("wheels", [{"system": pair[0], "python": pair[1], **answer} for pair, answer in zip(pairs, answers)])


if __name__ == "__main__":
    main()
