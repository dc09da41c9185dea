import json
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from short_run import THIN

from numpyssd import evaluate, explore, kernels, train, weights
from numpyssd.config import TINY
from numpyssd.datasets.analysis.summary import summarize
from numpyssd.datasets.coco import COCODataset
from numpyssd.datasets.concatenated import Concatenated
from numpyssd.datasets.layouts import has_split, image_folder, roots
from numpyssd.datasets.loading import load_dataset
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset, write_voc
from numpyssd.datasets.voc import VOC_NAMES, VOCDataset
from numpyssd.datasets.voc.writer import write_split
from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD
from numpyssd.reports import report
from numpyssd.run.setup import load_data

SHAPES = "tiny"


def coco(root, split="train", file="annotations/instances_{}2017.json", folder="{}2017", crowd=False):
    """Write a COCO layout with two images of 30 x 20 pixels; return the file."""
    path, image_folder = root / file.format(split), root / folder.format(split)
    for wanted in (path.parent, image_folder):
        wanted.mkdir(parents=True, exist_ok=True)
    for name in ("a.png", "b.png"):
        Image.new("RGB", (30, 20), "blue").save(image_folder / name)
    boxes = [(1, 3, [2, 3, 10, 5], 0), (1, 17, [9, 9, 9, 9], 0), (2, 3, [1, 1, 5, 5], int(crowd))]
    content = {
        "images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}],
        "categories": [{"id": 17, "name": "cat"}, {"id": 3, "name": "car"}],
        "annotations": [
            {"id": n, "image_id": i, "category_id": c, "bbox": box, "iscrowd": hard}
            for n, (i, c, box, hard) in enumerate(boxes)
        ],
    }
    path.write_text(json.dumps(content))
    return path


def voc(root, split="train", names=("cat",), count=2):
    """Write a VOC layout with images of 30 x 20 pixels, each with one object of each of the classes."""
    boxes = np.tile([[1, 2, 11, 12]], (len(names), 1))
    none = [False] * len(names)
    image = np.full((20, 30, 3), 7, np.uint8)
    items = [(f"{split}_{k}", image, boxes, range(1, len(names) + 1), none, none) for k in range(count)]
    write_split(root, split, items, names)
    return root


def refused(*words, **arguments):
    with pytest.raises(InputError) as caught:
        load_dataset(**arguments)
    for word in words:
        assert str(word) in str(caught.value)


# ---- COCO ------------------------------------------------------------------------------------------------------------


def test_coco_as_it_unpacks(tmp_path):
    for split in ("train", "val"):
        path = coco(tmp_path, split)
    (tmp_path / "annotations/captions_val2017.json").write_text("{}")
    (tmp_path / "annotations/person_keypoints_val2017.json").write_text("{}")
    data = load_dataset(tmp_path, "val")
    assert isinstance(data, COCODataset)
    assert (data.json, data.folder) == (path, tmp_path / "val2017")
    assert data.class_names == ("car", "cat")
    assert load_dataset(str(tmp_path), "val2017").json == path
    assert load_dataset(tmp_path, "train").json.name == "instances_train2017.json"
    assert load_dataset(tmp_path, "val", ("cat", "dog", "car"))[0][2].tolist() == [3, 1]


@pytest.mark.parametrize(
    ("file", "folder"),
    [
        ("annotations/instances_{}.json", "{}"),
        ("annotations/instances_{}2014.json", "images/{}2014"),
        ("annotations/{}.json", "images/{}"),
        ("annotations/my-{}-set.json", "images"),
        ("annotations/cells_{}.json", "."),
        ("annotations/{}.json", "annotations/../{}"),
        ("{}/_annotations.coco.json", "{}"),
    ],
)
def test_other_places_of_the_file_and_the_images(tmp_path, file, folder):
    path = coco(tmp_path, "valid", file, folder)
    data = load_dataset(tmp_path, "valid")
    assert data.json == path
    assert data.image_path(0).samefile(tmp_path / folder.format("valid") / "a.png")
    assert data[1][0].shape == (20, 30, 3)
    assert has_split(tmp_path, "valid")
    assert not has_split(tmp_path, "train")


def test_folders_within_the_file_names(tmp_path):
    path = coco(tmp_path)
    path.write_text(path.read_text().replace("a.png", "train2017/a.png").replace("b.png", "train2017/b.png"))
    assert load_dataset(tmp_path, "train").folder == tmp_path


def test_folders_within_the_file_names_as_windows_writes_them(tmp_path):
    path = coco(tmp_path)
    content = json.loads(path.read_text())
    for image in content["images"]:
        image["file_name"] = f"train2017\\{image['file_name']}"
    path.write_text(json.dumps(content))
    data = load_dataset(tmp_path, "train", bad_data="error")
    assert data.folder == tmp_path
    assert data[0][0].shape == (20, 30, 3)
    if os.name != "nt":  # a name may have a backslash there
        (tmp_path / "train2017" / "a.png").rename(tmp_path / "train2017\\a.png")
        assert load_dataset(tmp_path, "train", bad_data="error").image_path(0).name == "train2017\\a.png"


def test_a_split_is_a_whole_word(tmp_path):
    coco(tmp_path, "trainval")
    coco(tmp_path, "minival", "annotations/instances_{}2014.json")
    for split in ("train", "val", "ini"):
        refused(f"no annotations of the split {split!r}", "instances_trainval2017.json", data=tmp_path, split=split)
    assert len(load_dataset(tmp_path, "trainval")) == 2


def test_two_years_in_one_folder_want_a_name(tmp_path):
    for year in ("2014", "2017"):
        coco(tmp_path, "val", "annotations/instances_{}" + year + ".json", "{}" + year)
    refused("several files", "instances_val2014.json, ", "such as 'val2014'", data=tmp_path, split="val")
    for split in ("val2014", "instances_val2014"):
        assert load_dataset(tmp_path, split).folder == tmp_path / "val2014"
    coco(tmp_path, "a_test", "annotations/{}.json")
    coco(tmp_path, "b_test", "annotations/{}.json")
    refused("several files", "such as 'a_test'", data=tmp_path, split="test")


def test_crowds_are_evaluated_on_as_difficult_and_not_trained_on(tmp_path):
    for split in ("train", "val"):
        coco(tmp_path, split, crowd=True)
    assert load_dataset(tmp_path, "train")[1][3].tolist() == [True]
    train_set, val = load_data(
        SimpleNamespace(
            tiny=False,
            data=str(tmp_path),
            split="train",
            val_split="val",
            bad_data="error",
            missing_labels="error",
            resume=False,
        )  # fmt: skip
    )
    assert train_set[1][1].shape == (0, 4)
    assert val[1][3].tolist() == [True]
    policies = {"bad_data": "error", "missing_labels": "error"}
    chosen = SimpleNamespace(data=str(tmp_path), split="val", weights="w.npz", **policies)
    assert evaluate.load_data(chosen, ("cat", "car"))[1][3].tolist() == [True]


# ---- VOC, and what is neither ----------------------------------------------------------------------------------------


def test_voc(tmp_path):
    root = voc(tmp_path / "VOCdevkit/VOC2007", "test")
    assert isinstance(load_dataset(root, "test"), VOCDataset)
    assert load_dataset(tmp_path, "test").root == root
    assert load_dataset(root, "test", ("dog", "cat"))[0][2].tolist() == [2]
    assert image_folder(root, "test") == root / "JPEGImages"
    refused("train.txt does not exist; the splits there are: test", data=root, split="train")


@pytest.mark.parametrize(("annotations", "images"), [("Annotations", "JPEGImages"), ("annotations", "images")])
def test_folders_named_after_splits_within_those_of_voc_are_splits(tmp_path, annotations, images):
    for split, count in (("train", 3), ("val", 2)):
        root = voc(tmp_path / split, split, count=count)
        for old, new in (("Annotations", annotations), ("JPEGImages", images)):
            (tmp_path / "all" / new).mkdir(parents=True, exist_ok=True)
            (root / old).rename(tmp_path / "all" / new / split)
    assert [len(load_dataset(tmp_path / "all", split)) for split in ("train", "val")] == [3, 2]


def test_json_files_beside_the_xml_files_do_not_make_it_coco(tmp_path):
    root = voc(tmp_path)
    (root / "annotations").mkdir(exist_ok=True)
    (root / "annotations" / "train.json").write_text("{}")
    assert isinstance(load_dataset(root, "train"), VOCDataset)


def test_folders_that_are_neither(tmp_path):
    refused("not a folder", data=tmp_path / "no", split="train")
    refused("holds no image", "Annotations", "annotations/*.json", "data.yaml", data=tmp_path, split="train")
    (tmp_path / "a.json").write_text("{}")
    refused("a.json is a file", "give the folder", data=tmp_path / "a.json", split="train")


# ---- several together ------------------------------------------------------------------------------------------------


@pytest.fixture
def voc0712(tmp_path):
    a = voc(tmp_path / "VOCdevkit/VOC2007", "trainval", ("person", "cat"), 3)
    voc(a, "test", ("cat",), 1)
    b = voc(tmp_path / "VOCdevkit/VOC2012", "trainval", ("dog",), 2)
    return a, b


def test_2007_and_2012_together(voc0712):
    a, b = voc0712
    data = load_dataset(f"{a},{b}", "trainval", training=True)
    assert isinstance(data, Concatenated)
    assert len(data) == 5
    assert data.class_names == VOC_NAMES
    assert [data.image_path(i).parent.parent.name for i in range(-1, 5)] == [
        "VOC2012",
        *["VOC2007"] * 3,
        *["VOC2012"] * 2,
    ]
    assert [[VOC_NAMES[label - 1] for label in data[i][2]] for i in range(5)] == [["person", "cat"]] * 3 + [["dog"]] * 2
    assert data.image_size(4) == (30, 20)
    assert data.annotation(4)[0].tolist() == data[4][1].tolist() == [[1, 2, 11, 12]]
    assert len(data.annotation(4)) == 6
    assert data.issues == []
    for i in (5, -6):
        with pytest.raises(IndexError):
            data[i]
    assert len(list(data)) == 5
    assert "5 images" in summarize(data, TINY)


def test_of_several_those_without_the_split_are_left_out_and_named(voc0712):
    a, b = voc0712
    data = load_dataset(f"{a}, {b}", "test", VOC_NAMES)
    assert len(data) == 1
    (issue,) = data.issues
    assert str(issue) == f"{b}: there is no split 'test'; it is left out"
    refused("val.txt does not exist", data=f"{a},{b}", split="val")
    refused("VOC2013 is not a folder", data=f"{a},{a.parent / 'VOC2013'}", split="test")
    assert has_split(f"{b},{a}", "test")
    assert image_folder(f"{b},{a}", "test") == a / "JPEGImages"


def test_classes_of_different_sets_are_concatenated_by_name(tmp_path):
    a, b = voc(tmp_path / "a", names=("zebra", "cat")), tmp_path / "b"
    coco(b)
    data = load_dataset(f"{a},{b}", "train")
    assert data.class_names == ("car", "cat", "zebra")
    assert [[data.class_names[label - 1] for label in data[i][2]] for i in (0, 2)] == [["zebra", "cat"], ["car", "cat"]]
    assert [data.class_names[label - 1] for label in data.annotation(2)[1]] == ["car", "cat"]
    for part, names in zip(data.parts, (("cat", "zebra"), ("car", "cat"))):
        assert part.class_names == names


def test_issues_of_all_sets_are_kept(tmp_path):
    a, b = voc(tmp_path / "a"), tmp_path / "b"
    path = coco(b)
    path.write_text(path.read_text().replace("[2, 3, 10, 5]", "[2, 3, 0, 5]"))
    xml = a / "Annotations/train_0.xml"
    xml.write_text(xml.read_text().replace("<xmin>2<", "<xmin>11<"))
    data = load_dataset(f"{a},{b}", "train", bad_data="skip")
    assert [Path(issue.file).name for issue in data.issues] == [xml.name, path.name]
    refused("train_0.xml", "first of 2", data=f"{a},{b}", split="train")


def test_names_of_folders(tmp_path):
    comma = tmp_path / "cats, dogs"
    voc(comma)
    assert roots(str(comma)) == [comma]
    assert len(load_dataset(str(comma), "train")) == 2
    assert roots("a , b,") == [Path("a"), Path("b")]
    for text in ("a,./a", ",", ""):
        with pytest.raises(InputError, match="twice|no folder"):
            roots(text if text else ",")


# ---- the commands ----------------------------------------------------------------------------------------------------


@pytest.fixture
def cpu(monkeypatch):
    def write_report(folder):
        (folder / "report.html").touch()

    monkeypatch.setattr(report, "write_report", write_report)
    with kernels.using("cpu"):
        yield


def shapes_in_coco(root, split, count):
    """Write images of the built-in set in COCO's layout, with ids that have gaps and are in no order."""
    data, images, annotations = ShapesDataset(count, split="test"), [], []
    (root / f"{split}2017").mkdir(parents=True)
    (root / "annotations").mkdir(exist_ok=True)
    ids = {name: 7 * k % 11 + 20 * k for k, name in enumerate(sorted(CLASS_NAMES), start=1)}
    for i in range(count):
        image, boxes, labels, difficult = data[i]
        images.append({"id": 1000 - i, "file_name": f"{i}.png", "width": image.shape[1], "height": image.shape[0]})
        Image.fromarray(image).save(root / f"{split}2017" / f"{i}.png")
        for (x1, y1, x2, y2), label, hard in zip(boxes.tolist(), labels, difficult):
            entry = {"id": len(annotations), "image_id": 1000 - i, "category_id": ids[CLASS_NAMES[label - 1]]}
            annotations.append({**entry, "bbox": [x1, y1, x2 - x1, y2 - y1], "iscrowd": int(hard)})
    categories = [{"id": number, "name": name} for name, number in ids.items()]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (root / "annotations" / f"instances_{split}2017.json").write_text(json.dumps(content))
    return root


@pytest.mark.parametrize("metric", ["voc07", "coco"])
def test_the_command_that_evaluates_published_weights_finds_voc2007_and_coco_alike(cpu, tmp_path, capsys, metric):
    """The same images as VOCdevkit/VOC2007 and in COCO's layout give the same mAP, and a good one."""
    devkit = tmp_path / "VOCdevkit" / "VOC2007"
    write_voc(devkit, {"test": 0}, size=64)
    data = ShapesDataset(12, split="test")
    items = [(f"{i:06}", image, *data.annotation(i)[:4]) for i, (image, *_) in enumerate(data)]
    write_split(devkit, "test", items, CLASS_NAMES)
    (devkit / "ImageSets/Main/ring_test.txt").write_text("000000 -1\n000001  1\n")  # as the devkit has them
    (devkit / "ImageSets/Layout").mkdir()
    (devkit / "SegmentationClass").mkdir()
    shapes_in_coco(tmp_path / "coco", "test", 12)
    answers = []
    for root in (devkit, tmp_path / "VOCdevkit", tmp_path / "coco"):
        arguments = ["--weights", str(SHAPES), "--data", str(root), "--split", "test", "--metric", metric, "--json"]
        assert evaluate.main(arguments) == 0
        answers.append(json.loads(capsys.readouterr().out))
    assert answers[0]["images"] == 12
    assert answers[0] == answers[1]
    assert answers[0]["per_class"] == pytest.approx(answers[2]["per_class"], abs=1e-6)
    assert answers[0]["mAP"] > (0.7 if metric == "voc07" else 0.4)


def test_training_on_coco_and_on_two_sets_ends_with_commands_that_work(cpu, tmp_path, capsys, monkeypatch):
    root = shapes_in_coco(shapes_in_coco(tmp_path / "coco", "train", 4), "val", 2)
    other = tmp_path / "more"
    write_voc(other, {"train": 2}, size=64)
    options = ["--preset", "tiny", "--width", "0.25", "--batch-size", "2", "--iterations", "2"]
    monkeypatch.chdir(tmp_path)
    for data, images in ((f"{root}", 4), (f"{root},{other}", 6)):
        out = "+".join(Path(part).name for part in data.split(","))
        assert train.main(["--data", data, *options]) == 0
        said = capsys.readouterr().out
        assert f"{images} images" in said
        assert f"--data {data} --split val" in said
        assert f"numpyssd.detect {root / 'val2017'} " in said
        model = weights.load_model(tmp_path / "runs" / out / "best.npz")
        assert sorted(model.class_names) == sorted(CLASS_NAMES)
    same = ",".join([f"{root}/.", str(other)])
    assert train.main(["--data", same, "--out", f"runs/{out}", "--resume"]) == 0
    with pytest.raises(InputError, match="it has 4 images, and there were 6"):
        train.main(["--data", str(root), "--out", f"runs/{out}", "--resume"])


def test_exploring_coco(tmp_path, capsys):
    root = shapes_in_coco(tmp_path / "coco", "train", 3)
    options = explore.parse(["--data", str(root), "--preset", "tiny"])
    name, _, figure = next(explore.figures(options, TINY, None))
    assert name == "images.png"
    assert [ax.get_title()[:6] for ax in figure.axes] == ["0.png:", "1.png:", "2.png:"]
    assert "3 images" in capsys.readouterr().out


def test_a_class_that_the_weights_do_not_know(cpu, tmp_path):
    coco(tmp_path / "coco", "test")
    weights.save(SSD(THIN), tmp_path / "thin.npz", CLASS_NAMES)
    with pytest.raises(InputError, match=r"does not know: car \(2 objects\), cat \(1 object\)"):
        evaluate.main(["--weights", str(tmp_path / "thin.npz"), "--data", str(tmp_path / "coco")])
