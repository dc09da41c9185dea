"""The package: what pyproject.toml says of it, the command ``numpyssd``, and the map in its docstring."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import numpyssd
from numpyssd import __main__ as program
from numpyssd.kernels.cpu.runtime import jit

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TOOLS = {
    "pytest",
    "pytest-cov",
    "pytest-xdist",
    "hypothesis",
    "ruff",
    "mypy",
}  # what a checkout has besides, for tests and lint


def requirements(name):
    """Return {package: Requirement} of a requirements file, comments and files that it includes left out."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    stated = [line.split(" #")[0].strip() for line in lines if line and not line.lstrip().startswith(("#", "-r "))]
    return {one.name: one for one in map(Requirement, filter(None, stated))}


def test_a_checkout_and_the_package_ask_for_the_same():
    checkout = requirements("requirements.txt")
    package = {one.name: one for one in map(Requirement, PROJECT["project"]["dependencies"])}
    assert {name: one for name, one in checkout.items() if name not in TOOLS} == package
    assert set(checkout) - set(package) == TOOLS


def test_the_extras_are_those_of_the_requirement_files():
    lists = dict(PROJECT["project"]["optional-dependencies"])
    assert {one.name: one for one in map(Requirement, lists.pop("mpi"))} == requirements("requirements-mpi.txt")
    extras = {name: Requirement(one) for name, (one,) in lists.items()}
    assert set(extras) == {"onnx", "video", "cuda12", "cuda13"}
    cuda = requirements("requirements-cuda.txt")["numba-cuda"]
    assert extras["cuda13"] == cuda
    assert (extras["cuda12"].specifier, extras["cuda12"].extras) == (cuda.specifier, {"cu12"})
    assert extras["onnx"] == requirements("requirements-oracle.txt")["onnx"]
    assert extras["video"] == requirements("requirements-video.txt")["av"]


def test_every_file_that_is_not_code_is_package_data():
    data = PROJECT["tool"]["setuptools"]["package-data"]
    found = {
        (package, name): set(ROOT.joinpath(*package.split(".")).glob(name))
        for package, names in data.items()
        for name in names
    }
    assert all(found.values()), [name for name, files in found.items() if not files]
    named = set().union(*found.values())
    skipped = {".py", ".pyc", ".nbi", ".nbc"}  # code, and what is compiled from it
    there = {path for path in (ROOT / "numpyssd").rglob("*") if path.is_file() and path.suffix not in skipped}
    assert there == named


def test_every_folder_of_code_is_a_package():
    for folder in {path.parent for path in (ROOT / "numpyssd").rglob("*.py")}:
        assert (folder / "__init__.py").is_file(), folder


def test_the_map_leads_to_files_and_lessons():
    rows = re.findall(r"^    (\S.+?)\s{2,}(\S.*?)(?:\s{2,}([\d, ]+))?$", numpyssd.__doc__, re.MULTILINE)
    assert len(rows) > 15
    continued = re.findall(r"^ {20,}(\S+\.py)", numpyssd.__doc__, re.MULTILINE)
    for place in [row[1] for row in rows[1:]] + continued:
        room = ""
        for name in re.findall(r"[\w/*]+\.py|kernels/cuda", place):
            room = name.rpartition("/")[0] or room  # the files after the first one stand in its room
            assert list(ROOT.glob(f"numpyssd/{name if '/' in name else f'{room}/{name}'.lstrip('/')}")), name
    for number in re.findall(r"\d\d", " ".join(row[2] for row in rows)):
        assert list(ROOT.glob(f"lessons/{number}_*.py")), number


def run(argv, capsys, started_as="numpyssd", monkeypatch=None):
    """Return the exit code, and what was written to standard output and standard error."""
    if monkeypatch:
        monkeypatch.setattr(sys, "argv", [started_as])
    with pytest.raises(SystemExit) as stopped:
        program.main(argv)
    return stopped.value.code, *capsys.readouterr()


def test_the_version_is_said_once(capsys, monkeypatch):
    assert run(["--version"], capsys) == (0, f"numpyssd {numpyssd.__version__}\n", "")
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "numpyssd.__version__"}


def test_the_help_has_a_line_for_each_command(capsys, monkeypatch):
    code, out, err = run(["--help"], capsys, "/somewhere/bin/numpyssd", monkeypatch)
    assert (code, err) == (0, "")
    assert out.startswith("usage: numpyssd COMMAND ...\n")
    assert re.findall(r"^  (\w+)  +\w", out, re.MULTILINE) == list(program.COMMANDS)
    _, out, _ = run(["-h"], capsys, "/somewhere/numpyssd/__main__.py", monkeypatch)
    assert out.startswith("usage: python -m numpyssd COMMAND ...\n")


def test_the_help_imports_nothing_heavy():
    script = (
        "import sys\nfrom numpyssd.__main__ import start\nstart(['--help'])\n"
        "print({'numpy', 'numba', 'matplotlib', 'PIL'} & set(sys.modules), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (0, "set()\n")


def test_an_unknown_command_is_one_line_and_code_2(capsys, monkeypatch):
    code, out, err = run(["trian", "--tiny"], capsys, "/somewhere/bin/numpyssd", monkeypatch)
    assert (code, out) == (2, "")
    assert err == "error: there is no command 'trian'; did you mean train?; numpyssd --help lists the commands\n"
    assert run(["x"], capsys)[2] == "error: there is no command 'x'; numpyssd --help lists the commands\n"
    assert run([], capsys)[2] == "error: no command is named; numpyssd --help lists the commands\n"


@pytest.mark.parametrize("name", program.COMMANDS)
def test_each_command_is_called_as_it_was_started(name, capsys, monkeypatch):
    code, out, err = run([name, "--help"], capsys, "/somewhere/bin/numpyssd", monkeypatch)
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: numpyssd {name} ")
    examples = out.split("examples:\n")[1].splitlines()
    assert all(line.startswith(f"  numpyssd {name}") for line in examples)
    result = subprocess.run(
        [sys.executable, "-m", f"numpyssd.{name}", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert result.stdout.startswith(f"usage: python -m numpyssd.{name} ")
    alone = [line.replace(f"python -m numpyssd.{name}", f"numpyssd {name}") for line in result.stdout.splitlines()]
    assert alone[-len(examples) :] == examples


def test_a_command_ends_as_it_does_alone(capsys):
    code, out, err = run(["detect", "no such image.png", "--weights", "tiny"], capsys)
    assert (code, out) == (2, "")
    assert err.startswith("error: no such image.png ")


def test_a_warning_for_the_user_is_one_line(capsys):
    script = (
        "import warnings\nfrom numpyssd.cli import command\n"
        "def main(argv):\n    warnings.warn('take care', stacklevel=1)\n"
        "    warnings.warn('an old name', FutureWarning, stacklevel=1)\ncommand.run(main)"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.stderr.splitlines()[0] == "warning: take care"
    assert "<string>:5: FutureWarning: an old name" in result.stderr


def test_without_a_home_no_folder_called_tilde_is_made(monkeypatch, tmp_path):
    monkeypatch.setattr(jit, "FOLDER", tmp_path / "not there")
    monkeypatch.setattr(jit.numba.config, "CACHE_DIR", "")
    monkeypatch.setattr(jit, "NOT_KEPT", {})
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(jit.os.path, "expanduser", lambda path: path)  # no HOME, and no entry in the list of users
    monkeypatch.chdir(tmp_path)

    def plus(a, b):
        return a + b

    assert jit.njit(plus)(1, 2) == 3
    not_kept = {} if jit.numba.config.DISABLE_JIT else {"plus": jit.NO_FOLDER}
    assert not_kept == jit.NOT_KEPT
    assert list(tmp_path.iterdir()) == []
