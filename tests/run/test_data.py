"""The photographs of a run: the choice of splits, and data that nothing can be learned from."""

import os
import shutil

import pytest
from photographs import choice, load, names, shapes, without_objects

from numpyssd import train
from numpyssd.cli.check_data import check_data
from numpyssd.datasets.splits.record import IN_DATA, IN_RUN, read
from numpyssd.errors import InputError


def test_a_folder_without_splits_is_divided_and_that_is_written_down(tmp_path, capsys):
    root, out = shapes(tmp_path / "photos", train=20, without=True), tmp_path / "run"
    training, val, options = load(root, out)
    assert (options.split, options.val_split) == ("auto", "auto")
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "has no splits" in line]
    assert line.startswith(f"{root} has no splits (--split all --val-split none trains on all of it): ")
    assert line.endswith(f"; written to {root / IN_DATA} and {out / IN_RUN}")
    assert read(out / IN_RUN).entries == read(root / IN_DATA).entries
    parts = {
        part: {e.image for e in read(out / IN_RUN).entries.values() if e.part == part} for part in ("train", "val")
    }
    assert {f"JPEGImages/{name}" for name in names(training)} == parts["train"]
    assert {f"JPEGImages/{name}" for name in names(val)} == parts["val"]
    training, val, _ = load(root, tmp_path / "other", val_split="none")
    assert (len(training), val) == (len(parts["train"]) + len(parts["val"]), None)


def test_a_folder_that_cannot_be_written(tmp_path, capsys, monkeypatch):
    root, out, replace = shapes(tmp_path / "photos", train=6, without=True), tmp_path / "run", os.replace

    def denied(source, target):
        if root in target.parents:
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", denied)
    load(root, out)
    assert f"written to {out / IN_RUN} ({root / IN_DATA} cannot be written)" in capsys.readouterr().out
    monkeypatch.setattr(os, "replace", lambda *_: denied(out, root / "x"))
    with pytest.raises(InputError, match=r"split\.csv cannot be written \(Permission denied\); free some space"):
        load(root, tmp_path / "again")


def test_valid_is_val_and_without_any_a_tenth_is_held_out(tmp_path, capsys):
    root = shapes(tmp_path / "voc", train=20, val=3, test=2, val_is="valid")
    training, val, options = load(root, tmp_path / "a")
    assert (len(training), len(val), options.val_split) == (20, 3, "valid")
    assert "the split 'valid' chooses the best weights, as with --val-split valid" in capsys.readouterr().out
    assert not (tmp_path / "a" / IN_RUN).exists()
    (root / "ImageSets/Main/valid.txt").unlink()
    training, val, options = load(root, tmp_path / "b")
    assert (options.split, options.val_split) == ("train", "auto")
    assert len(val) >= 1
    assert len(training) + len(val) == 20
    assert not set(names(training)) & set(names(val))
    assert "--val-split none trains on all of 'train'" in capsys.readouterr().out
    assert not (root / IN_DATA).exists()  # the folder has a test split of its own
    shapes(tmp_path / "one", train=1)
    training, val, _ = load(tmp_path / "one", tmp_path / "c")
    assert (len(training), val) == (1, None)


def test_no_object_to_learn_from_is_an_error(tmp_path, capsys):
    root = shapes(tmp_path / "voc", train=3, val=2)
    without_objects(root, "train")
    with pytest.raises(InputError, match="'train' of .*voc has no object in its 3 images to train on, so there is"):
        load(root, tmp_path / "run")
    assert check_data(root, tmp_path / "check.txt") == 2
    assert "has no object in its 3 images to train on" in capsys.readouterr().out
    shutil.rmtree(root / "ImageSets")
    without_objects(root, "val")
    with pytest.raises(InputError, match="voc has no object in its 3 images to train on"):
        load(root, tmp_path / "other")
    assert check_data(root, tmp_path / "check.txt") == 2
    assert not (root / IN_DATA).exists()


def test_all_boxes_left_out_is_nothing_to_learn(tmp_path):
    root = shapes(tmp_path / "voc", train=3, val=2)
    for path in (root / "Annotations").glob("train*.xml"):
        path.write_text(path.read_text().replace("<xmin>", "<xmin>9"))
    with pytest.raises(InputError, match=r"has no object .* issues were left out; explore --check lists them"):
        train.main(["--data", str(root), "--bad-data", "skip", "--out", str(tmp_path / "run")])


def test_no_object_to_measure_by_is_said(tmp_path, capsys):
    root = shapes(tmp_path / "voc", train=2, val=2)
    without_objects(root, "val")
    load(root, tmp_path / "run")
    assert "no object in the 2 validation images: there is no mAP to choose by" in capsys.readouterr().out


def test_a_class_that_only_val_has_is_named(tmp_path, capsys):
    root = shapes(tmp_path / "voc", train=2, val=2)
    path = root / "Annotations/val_00000.xml"
    path.write_text(path.read_text().replace("<name>", "<name>giant ", 1))
    load(root, tmp_path / "run")
    assert "no object to train on of " in (said := capsys.readouterr().out)
    assert "'giant " in said


def test_a_run_of_an_automatic_split_goes_on_with_its_own_images(tmp_path):
    root, out = shapes(tmp_path / "photos", train=12, without=True), tmp_path / "run"
    training, val, options = load(root, out)
    more = shapes(tmp_path / "more", test=6)
    for folder in ("JPEGImages", "Annotations"):
        shutil.copytree(more / folder, root / folder, dirs_exist_ok=True)
    again = load(root, out, *choice((0, 0, options)), resume=True, fingerprint=options.fingerprint)
    assert (names(again[0]), names(again[1])) == (names(training), names(val))
    fresh = load(root, tmp_path / "fresh")
    assert set(names(training)) < set(names(fresh[0]))
