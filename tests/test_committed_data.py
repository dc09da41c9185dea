"""What is committed in data/ is what the commands make, on every system: no line of any file ends in CR LF."""

import shutil
import subprocess
from pathlib import Path

import pytest

from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset, write_voc
from numpyssd.inference.evaluate import evaluate
from numpyssd.ssd import SSDDetector
from numpyssd.weights import load_model

ROOT = Path(__file__).resolve().parents[1]


def test_the_weights_find_held_out_objects():
    model = load_model("tiny")
    assert model.class_names == tuple(CLASS_NAMES)
    assert evaluate(SSDDetector(model), ShapesDataset(200, split="test"), "voc").mean > 0.85


def test_the_samples_have_the_bytes_that_the_command_writes(tmp_path):
    write_voc(tmp_path, {"train": 0, "val": 0, "test": 6}, size=192)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    samples = ROOT / "data" / "samples"
    assert made == sorted(path.relative_to(samples) for path in samples.rglob("*") if path.is_file())
    for path in made:
        assert (tmp_path / path).read_bytes() == (samples / path).read_bytes(), path


def test_lines_end_in_lf_whatever_git_is_set_to():
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no clone")
    listed = subprocess.run(["git", "ls-files", "--eol"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    rows = [line.split(maxsplit=3) for line in listed.stdout.splitlines()]
    assert len(rows) > 500
    for inside, outside, attribute, rest in rows:
        if attribute == "attr/-text":
            assert rest.endswith((".png", ".npz")), rest
        else:
            assert (attribute, rest.split()[0]) == ("attr/text=auto", "eol=lf"), rest
            assert inside in ("i/lf", "i/none"), rest  # none: an empty file
            assert outside in ("w/lf", "w/none", "w/"), rest  # the last: removed here, not yet in the repository
