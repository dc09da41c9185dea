"""What each labeling tool exports is read, and trains with ``train --data FOLDER`` and nothing else."""

import numpy as np
import pytest
from exports import cvat, desktop, label_studio, roboflow
from exports.pictures import NAMES, PICTURES, STEMS

from numpyssd import explore, kernels, train
from numpyssd.datasets.layouts import layout_of, splits_of
from numpyssd.datasets.loading import load_dataset
from numpyssd.errors import InputError
from numpyssd.reports import report

SORTED = tuple(sorted(NAMES))
# The export; the class names; how many pixels its corners may be off; the pictures that it leaves out: the third has no
# objects, and tools that write no file for it do not say whether somebody has looked at it.
EXPORTS = [
    (roboflow.yolo, NAMES, 0.01, ()),
    (roboflow.coco_json, SORTED, 0, ()),
    (roboflow.voc, SORTED, 0, ()),
    (cvat.yolo, NAMES, 0.01, ()),
    (cvat.ultralytics_yolo, NAMES, 0.01, ()),
    (cvat.coco_json, NAMES, 0, ()),
    (cvat.voc, SORTED, 1, ()),
    (label_studio.yolo, NAMES, 0.01, ()),
    (label_studio.coco_json, NAMES, 0, ()),
    (label_studio.voc, SORTED, 1, (2,)),
    (desktop.labelimg_voc, SORTED, 0, ()),
    (desktop.labelimg_yolo, NAMES, 0.01, ()),
    (desktop.labelme, SORTED, 0, (2,)),
    (desktop.vott, SORTED, 1, ()),
]
IDS = [f"{write.__module__.split('.')[1]}.{write.__name__}" for write, *_ in EXPORTS]
NEGATIVES = {"missing_labels": "negative"}


def all_objects(root, **options):
    """Return the class names of a folder, and its objects by the number of their picture, in whatever split."""
    found = {}
    for split in splits_of(root) or [None]:
        data = layout_of(root).load(root, split, None, False, "error", options.get("missing_labels", "error"))
        for i in range(len(data)):
            annotation = data.annotation(i)
            number = next(k for k, stem in enumerate(STEMS) if stem in data.image_name(i))
            assert number not in found
            names = [data.class_names[label - 1] for label in annotation.labels]
            found[number] = list(zip(names, annotation.boxes.tolist()))
    return data.class_names, found


@pytest.mark.parametrize(("write", "names", "tolerance", "left_out"), EXPORTS, ids=IDS)
def test_every_export_gives_the_same_objects(tmp_path, write, names, tolerance, left_out):
    write(tmp_path)
    options = NEGATIVES if write is cvat.voc else {}
    class_names, found = all_objects(tmp_path, **options)
    assert class_names == names
    assert sorted(found) == [i for i in range(len(PICTURES)) if i not in left_out]
    for i, objects in found.items():
        assert [name for name, _ in objects] == [name for name, _ in PICTURES[i]]
        for (_, box), (_, expected) in zip(objects, PICTURES[i]):
            assert np.abs(np.subtract(box, expected)).max() <= tolerance
    assert sorted(all_objects(tmp_path, **NEGATIVES)[1]) == list(range(len(PICTURES)))


def test_cvat_lists_negatives_without_a_file_and_the_sentence_says_what_to_do(tmp_path):
    cvat.voc(tmp_path)
    with pytest.raises(InputError, match=r"img002\.xml does not exist.*--missing-labels negative"):
        load_dataset(tmp_path, "train")


@pytest.mark.parametrize("write", [roboflow.yolo, roboflow.voc])
def test_roboflow_has_splits_and_the_others_none_or_one(tmp_path, write):
    write(tmp_path)
    assert [len(load_dataset(tmp_path, split)) for split in ("train", "val", "valid", "test")] == [4, 1, 1, 1]
    assert layout_of(tmp_path).image_folder(tmp_path, "val").is_dir()
    with pytest.raises(InputError, match="no split 'minival'; the splits there are: test, train, val"):
        load_dataset(tmp_path, "minival")


def test_older_archives_of_cvat_and_of_other_subsets(tmp_path):
    cvat.yolo(tmp_path / "a", paths="obj_train_data")
    cvat.yolo(tmp_path / "b", folder="obj_Train_data", paths="data/obj_Train_data")
    (tmp_path / "b/train.txt").rename(tmp_path / "b/Train.txt")
    for root in (tmp_path / "a", tmp_path / "b"):
        assert splits_of(root) == ["train"]
        assert sorted(all_objects(root)[1]) == list(range(6))


def test_the_export_of_label_studio_on_windows(tmp_path):
    label_studio.coco_json(tmp_path, separator="\\")
    assert sorted(all_objects(tmp_path)[1]) == list(range(6))


@pytest.mark.parametrize("write", [desktop.labelimg_voc, cvat.ultralytics_yolo])
def test_training_needs_nothing_but_the_folder(tmp_path, monkeypatch, capsys, write):
    write(tmp_path / "photos")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report, "write_report", lambda folder: (folder / "report.html").touch())
    small = ["--preset", "tiny", "--width", "0.25", "--batch-size", "2", "--iterations", "1"]
    with kernels.using("cpu"):
        assert train.main(["--data", "photos", *small]) == 0
    assert "4 images" in capsys.readouterr().out
    assert (tmp_path / "runs/photos/best.npz").exists()


def test_check_reads_every_export_and_stops_for_nothing(tmp_path, capsys):
    for write, *_ in EXPORTS:
        root = tmp_path / f"{write.__module__}.{write.__name__}"
        write(root)
        options = ["--missing-labels", "negative"] if write is cvat.voc else []
        assert explore.main(["--data", str(root), "--check", "--out", str(tmp_path / "out"), *options]) == 0
        assert "nothing here stops training" in capsys.readouterr().out
