"""The package as a user gets it: a wheel in a fresh environment, far from the checkout. Run by ``make check-package``.

The folder has a blank and a letter beyond ASCII in its name; the commands run in an empty folder. Then once more with
the installation mounted read-only, as a user whom the system does not know and who has no home.
"""

import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import numpyssd

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "samples" / "JPEGImages" / "test_00000.png"
TRAIN = ("train", "--tiny", "--iterations", "50", "--out", "run")
UNKNOWN_USER = 54321


def call(*words, cwd, env=None, timeout=600):
    """Run a command; return its exit code, its standard output and its standard error."""
    result = subprocess.run(list(map(str, words)), cwd=cwd, env=env, capture_output=True, text=True, timeout=timeout)
    return result.returncode, result.stdout, result.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("a folder é")


def files_of_checkout(folder="."):
    """Return the names of the files of the checkout that git does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = map(os.fsdecode, filter(None, listed.stdout.split(b"\0")))
    return [name for name in names if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(folder):
    """Build the wheel from a copy of the checkout, so that no build folder is left in it."""
    for name in files_of_checkout():
        (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / "source" / name)
    build = (sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", folder, folder / "source")
    code, out, err = call(*build, cwd=folder)
    assert code == 0, out + err
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel, folder):
    """The Python of a fresh environment with nothing but the wheel and what it asks for."""
    code, out, err = call(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    assert code == 0, out + err
    path = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    code, out, err = call(path, "-m", "pip", "install", "--disable-pip-version-check", wheel, cwd=folder)
    assert code == 0, out + err
    return path


def without_checkout(**extra):
    """Return the environment without what leads Python to the checkout or this test's own environment."""
    names = ("PYTHONPATH", "VIRTUAL_ENV", "NUMBA_CACHE_DIR", "MPLCONFIGDIR", "NUMPYSSD_BACKEND")
    return {name: value for name, value in os.environ.items() if name not in names} | extra


@pytest.fixture
def numpyssd_in(python, tmp_path):
    """Run the installed command in an empty folder with one image."""
    shutil.copy(SAMPLE, tmp_path / "image.png")
    return lambda *words, **extra: call(
        python.with_name("numpyssd"), *words, cwd=tmp_path, env=without_checkout(**extra)
    )


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"numpyssd", f"numpyssd-{numpyssd.__version__}.dist-info"}
    assert {name for name in names if name.startswith("numpyssd/")} == set(files_of_checkout("numpyssd"))


def test_the_help_and_the_version(numpyssd_in):
    code, out, err = numpyssd_in("--help")
    assert (code, err) == (0, "")
    assert out.startswith("usage: numpyssd COMMAND")
    assert numpyssd_in("--version") == (0, f"numpyssd {numpyssd.__version__}\n", "")
    assert numpyssd_in("train", "--help")[1].startswith("usage: numpyssd train ")
    assert numpyssd_in("trian")[::2] == (
        2,
        "error: there is no command 'trian'; did you mean train?; numpyssd --help lists the commands\n",
    )


def test_nothing_is_taken_from_the_checkout(python, tmp_path):
    script = "import numpyssd, sys; print(numpyssd.__file__); import lessons"
    code, out, err = call(python, "-c", script, cwd=tmp_path, env=without_checkout())
    assert Path(out.strip()).is_relative_to(python.parents[1])
    assert code == 1
    assert "No module named 'lessons'" in err


def test_training_and_what_it_says_to_type_next(numpyssd_in, python, tmp_path):
    code, out, err = numpyssd_in(*TRAIN)
    assert code == 0, err
    left = {"best.npz", "last.npz", "log.csv", "config.json", "curves.png", "report.html", "validation.json"}
    assert left <= {path.name for path in (tmp_path / "run").iterdir()}
    commands = [line.strip() for line in out.split("next, type\n")[1].splitlines()]
    assert len(commands) == 4
    for line in commands:
        words = shlex.split(line)
        assert words[1:2] == ["-m"], line
        code, out, err = call(python, *words[1:], cwd=tmp_path, env=without_checkout())
        assert (code, err) == (0, ""), line
    found = os.pathsep.join([str(python.parent), os.environ["PATH"]])
    code, out, err = numpyssd_in("train", "--tiny", "--resume", "--out", "run", PATH=found)
    assert code == 0, err
    assert [line.split()[:2] for line in out.split("next, type\n")[1].splitlines()] == [
        ["numpyssd", "detect"],
        ["numpyssd", "evaluate"],
        ["numpyssd", "explore"],
    ]


def test_detecting_with_the_weights_inside(numpyssd_in, tmp_path):
    code, out, err = numpyssd_in("detect", "image.png", "--weights", "tiny")
    assert (code, err) == (0, "")
    assert "found:" in out
    assert (tmp_path / "detections" / "image.png").is_file()
    code, out, err = numpyssd_in("weights", "tiny")
    assert (code, err) == (0, "")
    assert out.startswith("tiny: a checkpoint of numpyssd")


MOUNT = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


def read_only(python, *words, cwd, **extra):
    """Run a command of an installation mounted read-only, as a user who is in no list and has no home."""
    user = ("unshare", "--user", f"--map-user={UNKNOWN_USER}", "--")
    own_root = ("unshare", "--mount", "--user", "--map-root-user", "--")
    everywhere = {"PATH": "/usr/bin:/bin", **extra}
    return call(*own_root, "sh", "-c", MOUNT, "sh", python.parents[1], *user, *words, cwd=cwd, env=everywhere)


@pytest.fixture
def read_only_in(python, tmp_path):
    """As numpyssd_in, with the installation read-only; skipped where no mount of one's own is possible."""
    if shutil.which("unshare") is None:
        pytest.skip("a read-only installation is mounted by `unshare`, which is not here")
    for path in python.parents[1].rglob("*.nb[ci]"):
        path.unlink()  # the compiled kernels of the tests before
    code, out, err = read_only(python, "sh", "-c", f": > {shlex.quote(str(python.with_name('x')))}", cwd=tmp_path)
    if code != 0 and "Read-only file system" not in err:
        pytest.skip(f"no read-only mount is possible here: {err.strip()}")
    assert code != 0  # so nothing can be written there, not even by root
    shutil.copy(SAMPLE, tmp_path / "image.png")
    return lambda *words, **extra: read_only(python, python.with_name("numpyssd"), *words, cwd=tmp_path, **extra)


WARNING = (
    "warning: the compiled kernels cannot be kept on disk, so each start compiles them again; "
    "set NUMBA_CACHE_DIR to a folder that can be written\n"
)


def test_read_only_and_without_a_home(read_only_in, tmp_path):
    assert read_only_in("--version") == (0, f"numpyssd {numpyssd.__version__}\n", "")
    code, out, err = read_only_in("detect", "image.png", "--weights", "tiny", "--explain")
    assert (code, err) == (0, WARNING)
    assert "found:" in out
    code, out, err = read_only_in(*TRAIN)
    assert (code, err.count(WARNING), err.count("warning")) == (0, 1, 1)
    assert "Matplotlib" not in out + err
    assert read_only_in("weights", "tiny")[::2] == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["detections", "image.png", "run"]  # and no folder "~"


def test_read_only_with_a_folder_for_the_compiled_kernels(read_only_in, tmp_path):
    cache = tmp_path / "a cache é"
    code, out, err = read_only_in("detect", "image.png", "--weights", "tiny", NUMBA_CACHE_DIR=str(cache))
    assert (code, err) == (0, "")
    assert list(cache.rglob("*.nbc"))
