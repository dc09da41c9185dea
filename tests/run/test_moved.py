"""A run whose data, weights or current folder moved goes on to the same bits; other data is refused."""

import os
import shutil

import numpy as np
import pytest
from photographs import shapes

from numpyssd import kernels, train, weights
from numpyssd.config import TINY
from numpyssd.datasets.shapes import CLASS_NAMES
from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD
from numpyssd.reports import report
from numpyssd.run.data import load_photographs
from numpyssd.run.settings import read_settings, write_settings
from numpyssd.weights.formats import npz


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(report, "write_report", lambda folder: None)
    with kernels.using("cpu"):
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of 2 iterations, and one of 4, from weights in a file."""
    folder = tmp_path_factory.mktemp("moved")
    root = shapes(folder / "data", train=6, val=1)
    weights.save(SSD(TINY), folder / "start.npz", tuple(sorted(CLASS_NAMES)))
    before = os.getcwd()
    os.chdir(folder)
    with kernels.using("cpu"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "write_report", lambda folder: None)
        common = ["--data", "data", "--preset", "tiny", "--batch-size", "2", "--weights", "start.npz"]
        common += ["--val-split", "none"]
        train.main([*common, "--iterations", "2", "--out", "run"])
        shutil.copytree("run", "whole")
        train.main(["--out", "whole", "--resume", "--iterations", "4"])
    os.chdir(before)
    return root.parent


@pytest.fixture
def moved(finished, tmp_path, monkeypatch):
    """The run of 2 iterations copied elsewhere, its data under another name; nothing is where it was."""
    shutil.copytree(finished / "data", tmp_path / "elsewhere")
    shutil.copytree(finished / "run", tmp_path / "run")
    shutil.copy(finished / "start.npz", tmp_path / "begin.npz")
    settings = read_settings(tmp_path / "run")
    write_settings(tmp_path / "run", settings | {"folders": [str(tmp_path / "data")]})
    monkeypatch.chdir(tmp_path)
    return tmp_path


RESUME = ["--out", "run", "--resume", "--iterations", "4"]


def test_moved_data_goes_on_to_the_same_bits(moved, finished):
    with pytest.raises(InputError, match="^data, the data of the run in run, is not there; if it was moved, name its"):
        train.main(RESUME)
    assert train.main([*RESUME, "--data", "elsewhere", "--weights", "begin.npz"]) == 0
    ours, theirs = (npz.read(folder / "last.npz")[1] for folder in (moved / "run", finished / "whole"))
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        np.testing.assert_array_equal(array, theirs[name])
    assert read_settings("run")["data"] == "elsewhere"
    assert read_settings("run")["folders"] == [str(moved / "elsewhere")]


def test_from_another_current_folder_the_data_is_where_it_was(moved, monkeypatch):
    (moved / "elsewhere").rename(moved / "data")
    (moved / "below").mkdir()
    monkeypatch.chdir(moved / "below")
    options = train.parse(["--out", "../run", "--resume"])
    assert options.data == str(moved / "data")
    monkeypatch.chdir(moved)
    assert train.parse(["--out", "run", "--resume"]).data == "data"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda root: (root / "ImageSets/Main/train.txt").write_text("train_00000\n"),
            "it has 1 images, and there were 6",
        ),
        (lambda root: replace_in(root, "<xmax>48", "<xmax>47", "train_00000"), "its boxes are others"),
        (lambda root: rename(root, "train_00003", "train_x"), "its images have other names"),
        (lambda root: replace_in(root, "ring</name>", "wheel</name>"), "its classes are"),
    ],
)
def test_other_data_is_refused_and_what_differs_is_said(moved, change, words):
    change(moved / "elsewhere")
    with pytest.raises(InputError, match=f"elsewhere is not what the run in run was trained on: {words}"):
        train.main([*RESUME, "--data", "elsewhere"])


def replace_in(root, old, new, start=""):
    for path in (root / "Annotations").glob(f"{start}*.xml"):
        path.write_text(path.read_text().replace(old, new))


def rename(root, old, new):
    for path in (root / f"JPEGImages/{old}.png", root / f"Annotations/{old}.xml"):
        path.rename(path.with_stem(new))
    path = root / "ImageSets/Main/train.txt"
    path.write_text(path.read_text().replace(old, new))


def test_other_weights_are_a_contradiction(moved):
    weights.save(SSD(TINY, seed=5), moved / "other.npz", tuple(sorted(CLASS_NAMES)))
    for name in ("other.npz", "none.npz"):
        with pytest.raises(InputError, match=f"--weights {name} contradicts the run in run, which had start.npz"):
            train.parse([*RESUME, "--data", "elsewhere", "--weights", name])


def test_a_run_of_before_fingerprints_goes_on(moved, capsys):
    settings = read_settings("run")
    for name in ("fingerprint", "folders", "weights_digest"):
        settings.pop(name)
    write_settings("run", settings)
    options = train.parse([*RESUME, "--data", "elsewhere"])
    assert "does not say what the data was like, so that it cannot be compared" in capsys.readouterr().out
    assert load_photographs(options)[1] is None
    (moved / "elsewhere").rename(moved / "data")
    assert train.parse(RESUME).data == "data"
    assert capsys.readouterr().out.count("compared") == 0


@pytest.mark.parametrize("edit", [{"folders": "x"}, {"folders": [1]}, {"fingerprint": []}, {"weights_digest": 1}])
def test_settings_that_somebody_edited_are_none(moved, edit):
    write_settings("run", read_settings("run") | edit)
    assert read_settings("run") == {}
