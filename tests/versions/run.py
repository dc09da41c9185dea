"""The tests with each Python that is here, with the oldest packages and with the newest: make check-versions.

    python -m tests.versions.run                                  # python3.11 to python3.14, those that are here
    python -m tests.versions.run /opt/python3.14/bin/python3      # this one; other rows of the table stay as they are
    python -m tests.versions.run --sets oldest --all              # the whole suite, some four minutes for each row

Each pair of a Python and a set of packages has an environment in .venv-versions/. The rows go into the first table of
docs/versions.md. The exit code is 1 if a test failed, or if the oldest or the newest packages could not be tried. Any
Python from 3.11 on can run this; nothing need be installed.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from xml.etree import ElementTree

from tests.versions.page import PACKAGES, keep
from tests.versions.requirements import ROOT, lower_bounds, oldest

PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")
SETS = {
    "oldest": "the oldest releases from the bounds of requirements.txt on that have a wheel for the Python",
    "newest": "what pip chooses",
    "Intel Mac": "what pip chooses on a Mac with an Intel processor",
}
LAST_FOR_INTEL_MACS = {"numba": ",<0.63"}  # later releases have no wheels for them
ROOMS = ("kernels", "model", "training", "images", "datasets", "weights", "test_layers.py")
ENVIRONMENTS = ROOT / ".venv-versions"
VERSIONS = (
    "import json, importlib.metadata as m; "
    f"print(json.dumps({{name: m.version(name) for name in {(*PACKAGES, 'pytest', 'hypothesis')!r}}}))"
)


def row(python, version, chosen, tests):
    """Make an environment, install a set of packages, run the tests, and return the row of the table."""
    minor = version.rpartition(".")[0]
    begun = {"python": minor, "set": chosen, "system": f"{platform.system()} {platform.machine()}", "full": version}
    folder = ENVIRONMENTS / f"{minor}-{chosen.replace(' ', '-')}"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", folder], check=True)
    inside = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    command = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    installed = subprocess.run([*command, *packages(chosen, inside)], capture_output=True, text=True)
    if installed.returncode:
        return {**begun, "reason": reason(installed.stderr)}
    versions = json.loads(subprocess.run([inside, "-c", VERSIONS], capture_output=True, text=True, check=True).stdout)
    report = folder / "report.xml"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "compiled")}
    subprocess.run([inside, "-m", "pytest", "-q", f"--junitxml={report}", *tests], cwd=ROOT, env=environment)
    return {**begun, "versions": versions, "tests": " ".join(tests), "outcome": outcome(report)}


def packages(chosen, python):
    """Return what pip is asked for, with the pip of an environment."""
    bounds = lower_bounds()
    if chosen == "oldest":
        found = {name: oldest(name, bound, python) for name, bound in bounds.items()}
        return [f"{name}=={found[name] or bounds[name]}" for name in bounds]
    limits = LAST_FOR_INTEL_MACS if chosen == "Intel Mac" else {}
    return [f"{name}>={bound}{limits.get(name, '')}" for name, bound in bounds.items()]


def reason(refusal):
    """Return in a few words why pip found no way to install a set."""
    missing = re.search(r"No matching distribution found for (\S+)", refusal)
    return f"no wheel of {missing[1]}" if missing else " ".join(refusal.split()[-30:])


def outcome(report):
    """Return how many tests passed, failed and were skipped; one that tried nothing counts as one failure."""
    if not report.exists():
        return [0, 1, 0]
    suite = ElementTree.parse(report).getroot().find("testsuite").attrib
    failed, skipped = int(suite["failures"]) + int(suite["errors"]), int(suite["skipped"])
    passed = int(suite["tests"]) - failed - skipped
    return [passed, failed or int(passed == 0), skipped]


def failed(row):
    """Return whether a row says that something is wrong; the Numba of Intel Macs is missing for new Pythons."""
    return bool(row["outcome"][1]) if "outcome" in row else row["set"] != "Intel Mac"


def version_of(python):
    """Return the version of a Python, or None where there is none of that name that runs."""
    try:
        code = "import platform; print(platform.python_version())"
        found = subprocess.run([python, "-c", code], capture_output=True, text=True)
    except OSError:
        return None
    return found.stdout.strip() or None


def main():
    """Run every pair that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pythons", nargs="*", metavar="PYTHON", help=f"default: {', '.join(PYTHONS)}")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS), metavar="SET", help=", ".join(SETS))
    parser.add_argument("--all", action="store_true", help="the whole suite")
    options = parser.parse_args()
    rows = []
    for python in options.pythons or PYTHONS:
        version = version_of(python)
        if version is None:
            print(f"{python}: not here", flush=True)
            continue
        for chosen in options.sets:
            rows.append(row(python, version, chosen, ["tests"] if options.all else [f"tests/{room}" for room in ROOMS]))
            keep("tests", rows[-1:])
            print(f"Python {version}, {chosen}: {rows[-1].get('reason', rows[-1].get('outcome'))}", flush=True)
    if not rows:
        sys.exit("no Python from 3.11 on was found: name one, python -m tests.versions.run PYTHON")
    sys.exit(any(failed(row) for row in rows))


if __name__ == "__main__":
    main()
