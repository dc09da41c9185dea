"""All that runs an exercise, as one script: a page that was opened from a file may load a script, but fetch nothing."""

import base64
import gzip
import io
import json
import zipfile
from pathlib import Path

from lessons.course.in_page.runtime import NUMPY, PILLOW

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(__file__).parent / "js"
OWN = ("numpyssd/**/*.py", "lessons/course/**/*.py", "lessons/here.py")
LICENSES = (
    "// Pyodide 0.27.7 (Mozilla Public License 2.0), CPython 3.12.7 (PSF License 2.0), NumPy 2.0.2 (BSD 3-Clause),\n"
    "// Pillow 10.2.0 (HPND), unchanged, as Pyodide's release has them; and numpyssd's own modules (MIT)."
)
FIXED = (1980, 1, 1, 0, 0, 0)  # the date of a file in the archive: the same code gives the same bytes


def bundle(runtime):
    """Return the script python.js; runtime: the files of Pyodide, {name: bytes}."""
    script = "\n".join(runtime[name].decode("utf-8") for name in ("pyodide.asm.js", "pyodide.js"))
    script += "\n" + (FOLDER / "worker.js").read_text(encoding="utf-8")
    packed = {
        "script": gzip.compress(script.encode("utf-8"), 9, mtime=0),
        "wasm": gzip.compress(runtime["pyodide.asm.wasm"], 9, mtime=0),
        "stdlib": gzip.compress(runtime["python_stdlib.zip"], 1, mtime=0),
        "numpy": gzip.compress(runtime[NUMPY], 1, mtime=0),
        "pillow": gzip.compress(runtime[PILLOW], 1, mtime=0),
        "own": gzip.compress(own_code(), 1, mtime=0),
    }
    texts = {name: base64.b64encode(content).decode("ascii") for name, content in packed.items()}
    return f"{LICENSES}\nglobalThis.PYTHON_IN_PAGE = {json.dumps(texts)};\n"


def own_code():
    """Return numpyssd's and the lessons' own modules as a zip archive."""
    file = io.BytesIO()
    paths = sorted(path for pattern in OWN for path in ROOT.glob(pattern))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            entry = zipfile.ZipInfo(path.relative_to(ROOT).as_posix(), FIXED)
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    return file.getvalue()
