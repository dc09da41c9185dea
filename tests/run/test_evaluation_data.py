"""The images that weights are measured on: never those that they were trained on, without a word."""

import json
import shutil

import pytest
from photographs import choice, load, names, shapes
from PIL import Image

from numpyssd import evaluate, kernels, weights
from numpyssd.config import TINY
from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.dataset import Annotation
from numpyssd.datasets.shapes import CLASS_NAMES
from numpyssd.datasets.splits.record import IN_DATA, IN_RUN, Entry, Record, digest
from numpyssd.model.ssd import SSD
from numpyssd.run.evaluation_data import _seen, load_measured
from numpyssd.run.settings import write_settings


@pytest.fixture(autouse=True)
def fast():
    with kernels.using("cpu"):
        yield


def run_folder(out, split, val_split):
    """Leave what a run leaves that evaluation looks at."""
    out.mkdir(exist_ok=True)
    weights.save(SSD(TINY), out / "best.npz", tuple(sorted(CLASS_NAMES)))
    write_settings(out, {"recipe": {}, "network": {}, "split": split, "val_split": val_split})
    return out / "best.npz"


def test_what_training_never_saw_is_measured_even_of_a_folder_with_splits(tmp_path):
    root, out = shapes(tmp_path / "voc", train=24, test=6), tmp_path / "run"
    training, val, options = load(root, out, split="auto")
    best = run_folder(out, options.split, options.val_split)
    seen = set(names(training)) | set(names(val))
    shutil.copytree(root, tmp_path / "copied")
    (tmp_path / "copied" / IN_DATA).unlink()
    for folder in (root, tmp_path / "copied"):
        measured = load_measured(folder, None, best)
        assert set(names(measured.dataset)) == {path.name for path in (root / "JPEGImages").iterdir()} - seen
        assert measured.split == "test"
        assert f"those that are test by {out / IN_RUN}" in measured.sentences[0]
        assert names(load_measured(folder, "val", best).dataset) == names(val)
    other = shapes(tmp_path / "other", train=1, test=7)
    for path in (other / "JPEGImages").iterdir():  # the same names, other images
        path.write_bytes((root / "JPEGImages/train_00000.png").read_bytes() + path.name.encode())
    assert len(load_measured(other, "test", best).dataset) == 7
    elsewhere = shutil.copy(best, tmp_path / "best.npz")
    measured = load_measured(root, "test", elsewhere)
    assert len(measured.dataset) == 6
    assert "if these weights were trained with --split auto, measure them with that" in measured.sentences[0]
    assert names(load_measured(root, "auto", elsewhere).dataset) == names(load_measured(root, "test", best).dataset)


def test_images_that_were_trained_on_are_counted(tmp_path):
    root, out = shapes(tmp_path / "voc", train=12, val=6, val_is="part"), tmp_path / "run"
    best = run_folder(out, *choice(load(root, out, split="auto")))
    assert "images were trained on" in load_measured(root, "train", best).sentences[1]
    assert len(load_measured(root, "test", best).sentences) == 1
    (sentence,) = load_measured(root, "part", best).sentences
    assert "of these 6 images were trained on, so the figure is too good" in sentence


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (["train"], "this image was trained on"),
        (["train", "val"], "1 of these 2 images was trained on"),
        (["train", "train"], "2 of these 2 images were trained on"),
    ],
)
def test_one_image_that_was_trained_on_is_said_in_the_singular(tmp_path, parts, words):
    paths = [tmp_path / f"{n}.png" for n in range(len(parts))]
    entries = []
    for k, (path, part) in enumerate(zip(paths, parts)):
        Image.new("L", (2, 2), k).save(path)
        entries.append(Entry(part, path.name, digest(path)))
    images = AnnotatedImages(["x"], paths, [Annotation.of([], [])] * len(paths))
    assert _seen(images, Record(entries)) == [f"{words}, so the figure is too good"]


def test_what_was_held_out_is_val(tmp_path):
    root, out = shapes(tmp_path / "voc", train=12, test=2), tmp_path / "run"
    _, val, options = load(root, out)
    best = run_folder(out, options.split, options.val_split)
    assert names(load_measured(root, "val", best).dataset) == names(val)
    assert len(load_measured(root, None, best).dataset) == 2


def test_val_is_measured_where_there_is_no_test_and_that_is_said(tmp_path, capsys):
    root, out = shapes(tmp_path / "voc", train=1, val=2), tmp_path / "run"
    best = run_folder(out, "train", "val")
    assert evaluate.main(["--weights", str(best), "--data", str(root), "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["split"] == "val"
    assert f"{root} has no split 'test', so 'val' is measured" in said.err


def test_all_images_of_a_folder_that_training_knew_nothing_of(tmp_path):
    root = shapes(tmp_path / "photos", test=12, without=True)
    best = run_folder(tmp_path / "run", "train", "val")
    measured = load_measured(root, None, best)
    assert 1 <= len(measured.dataset) < 6
    assert "--split all measures all of them" in measured.sentences[0]
    assert len(load_measured(root, "all", best).dataset) == 12
    assert "was trained on 'all'" in load_measured(root, None, run_folder(tmp_path / "b", "all", "none")).sentences[1]
