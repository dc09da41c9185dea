"""The label files of ``detect --save-labels``: our own readers read them, and nobody's work is replaced."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from numpyssd import detect, weights
from numpyssd.cli.inputs import names_below
from numpyssd.cli.save_labels import LabelFiles
from numpyssd.config import TINY
from numpyssd.datasets.loading import load_all
from numpyssd.errors import InputError
from numpyssd.images.read import read_image
from numpyssd.model.ssd import SSD

NAMES = ("bolt & nut", "安全帽")
FOUND = {  # file: size as a viewer shows it, boxes, labels
    "a <1>.v2.png": ((60, 40), [[10.4, 5.6, 30.2, 25.0], [0, 0, 60, 40]], [2, 1]),
    "sub é/Bild ü.JPG": ((60, 40), [[1.5, 2.5, 20.0, 30.0]], [1]),
    "turned.jpg": ((40, 60), [[5, 30, 25, 55.0]], [2]),
    "nothing.png": ((60, 40), [], []),
}


@pytest.fixture
def images(tmp_path):
    """The paths of FOUND's images; one is stored on its side, with the EXIF orientation that turns it."""
    for name in FOUND:
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        turn = Image.Exif()
        turn[0x0112] = 6
        Image.new("RGB", (60, 40), "white").save(path, **({"exif": turn} if name == "turned.jpg" else {}))
    return {tmp_path / "images" / name: found for name, found in FOUND.items()}


def save(kind, folder, images, overwrite=False, class_names=NAMES):
    paths = list(images)
    root = next(parent for parent in paths[0].parents if parent.name == "images")
    labels = LabelFiles(kind, folder, names_below([root], paths), class_names, overwrite)
    for path, (size, boxes, numbers) in images.items():
        labels.add(path, size, np.float32(boxes).reshape(-1, 4), np.array(numbers, int), np.full(len(boxes), 0.75))
    return labels.close()


@pytest.mark.parametrize(("kind", "tolerance"), [("voc", 0.5), ("yolo", 1e-3), ("coco", 0.011), ("labelme", 0.011)])
def test_our_own_readers_read_them_beside_the_images(kind, tolerance, images, tmp_path):
    root = tmp_path / "images"
    assert save(kind, root, images).startswith("labels of 4 images" if kind == "coco" else "label files of 4 images")
    dataset = load_all(root)
    assert [str(issue) for issue in dataset.issues if not issue.is_warning] == []
    assert sorted(dataset.class_names) == sorted(NAMES)
    assert len(dataset) == 4
    for i in range(4):
        size, boxes, labels = images[Path(dataset.image_path(i))]
        sample = dataset[i]
        assert sample.image.shape[1::-1] == size
        assert [dataset.class_names[label - 1] for label in sample.labels] == [NAMES[label - 1] for label in labels]
        np.testing.assert_allclose(sample.boxes, np.reshape(boxes, (-1, 4)), atol=tolerance)


@pytest.mark.parametrize("kind", ["voc", "yolo", "labelme"])
def test_a_file_that_is_there_stays_unless_it_may_be_replaced(kind, images, tmp_path):
    save(kind, tmp_path / "labels", images)
    mine = next(path for path in (tmp_path / "labels").iterdir() if path.stem == "turned")
    mine.write_text("my work")
    assert "0 images -> " in (said := save(kind, tmp_path / "labels", images))
    assert "4 images had one, which stays as it was (--overwrite replaces it)" in said
    assert mine.read_text() == "my work"
    save(kind, tmp_path / "labels", images, overwrite=True)
    assert mine.read_text() != "my work"


def test_cocos_one_file_is_refused_before_anything_is_done(images, tmp_path):
    save("coco", tmp_path, images)
    with pytest.raises(InputError, match=r"annotations\.json exists and may be somebody's work; .* --overwrite"):
        save("coco", tmp_path, images)
    save("coco", tmp_path, images, overwrite=True)


def test_an_image_without_objects_has_a_file_that_says_so(images, tmp_path):
    for kind in ("voc", "yolo", "labelme", "coco"):
        save(kind, tmp_path / kind, images)
    assert (tmp_path / "yolo" / "nothing.txt").read_bytes() == b""
    assert "<object>" not in (tmp_path / "voc" / "nothing.xml").read_text()
    assert json.loads((tmp_path / "labelme" / "nothing.json").read_text())["shapes"] == []
    images = json.loads((tmp_path / "coco" / "annotations.json").read_text())["images"]
    assert "nothing.png" in {image["file_name"] for image in images}


def test_labelme_finds_the_image_from_where_its_file_lies(images, tmp_path):
    save("labelme", tmp_path / "labels", images)
    for file in (tmp_path / "labels").rglob("*.json"):
        content = json.loads(file.read_text())
        image = read_image(file.parent / content["imagePath"])
        assert "\\" not in content["imagePath"]
        assert image.shape[:2] == (content["imageHeight"], content["imageWidth"])


# ---- the classes of YOLO ---------------------------------------------------------------------------------------------


def test_a_list_of_classes_that_is_there_keeps_its_order_and_gets_what_it_lacks(images, tmp_path):
    (tmp_path / "classes.txt").write_text("washer\n安全帽\n", encoding="utf-8")
    save("yolo", tmp_path, images)
    assert (tmp_path / "classes.txt").read_text(encoding="utf-8") == "washer\n安全帽\nbolt & nut\n"
    assert (tmp_path / "turned.txt").read_text().startswith("1 ")
    assert (tmp_path / "sub é" / "Bild ü.txt").read_text().startswith("2 ")


def test_a_data_yaml_above_says_the_numbers(images, tmp_path):
    (tmp_path / "data.yaml").write_text("train: images\nnames: [washer, 安全帽, bolt & nut]\n", encoding="utf-8")
    save("yolo", tmp_path / "labels" / "train", images)
    assert (tmp_path / "labels" / "train" / "turned.txt").read_text().startswith("1 ")
    (tmp_path / "data.yaml").write_text("train: images\nnames: [washer, 安全帽]\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"data\.yaml names no class 'bolt & nut'; add it there"):
        save("yolo", tmp_path / "labels" / "val", images)


# ---- names -----------------------------------------------------------------------------------------------------------


def test_two_images_that_would_share_a_file_are_refused(tmp_path):
    for name in ("a.png", "A.jpg"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    paths = [tmp_path / "a.png", tmp_path / "A.jpg"]
    with pytest.raises(InputError, match=r"a\.png and .*A\.jpg would share the label file .*; give one of"):
        LabelFiles("voc", tmp_path, names_below([tmp_path], paths), NAMES)
    LabelFiles("coco", tmp_path, names_below([tmp_path], paths), NAMES)  # which names both


def test_an_image_whose_label_file_would_be_the_list_of_classes_is_refused(tmp_path):
    path = tmp_path / "Classes.png"
    Image.new("RGB", (8, 8)).save(path)
    with pytest.raises(InputError, match=r"classes\.txt and .*Classes\.png would share the label file"):
        LabelFiles("yolo", tmp_path, names_below([tmp_path], [path]), NAMES, overwrite=True)
    assert not (tmp_path / "classes.txt").exists()
    LabelFiles("voc", tmp_path, names_below([tmp_path], [path]), NAMES)


@pytest.mark.parametrize("kind", ["voc", "yolo", "coco", "labelme"])
def test_half_an_emoji_and_control_characters_make_whole_files(kind, images, tmp_path):
    save(kind, tmp_path / "images", images, class_names=("bolt\ud83d", "red\x1b[31m\nnut"))
    dataset = load_all(tmp_path / "images")
    assert len(dataset) == 4
    assert [issue for issue in dataset.issues if not issue.is_warning] == []
    assert sum(len(dataset[i].labels) for i in range(4)) == 4


def test_a_format_that_there_is_not(tmp_path):
    with pytest.raises(InputError, match="--save-labels knows voc, yolo, labelme, coco, and not 'csv'"):
        detect.main([str(tmp_path), "--weights", "tiny", "--save-labels", "csv", "out"])


# ---- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Weights that have learned nothing, with a score for each class that only one of them reaches."""
    path = tmp_path_factory.mktemp("weights") / "tiny.npz"
    model = SSD(TINY)
    model.score_thresholds = (1.0, 1.0, 0.1, 1.0, 1.0)
    weights.save(model, path, ("a", "b", "c", "d", "e"))
    return str(path)


def test_detect_writes_what_it_prints_and_uses_the_scores_of_the_weights(checkpoint, images, tmp_path, capsys):
    folder, out = str(tmp_path / "images"), str(tmp_path / "out")
    command = [folder, "--recursive", "--weights", checkpoint, "--out", out, "--json", "--one-label"]
    assert detect.main([*command, "--save-labels", "coco", folder]) == 0
    written = capsys.readouterr()
    assert "scores over those of the weights: a 1.00, b 1.00, c 0.10" in written.err
    assert "labels of 4 images -> " in written.err
    printed = {line["image"]: line["detections"] for line in map(json.loads, written.out.splitlines())}
    assert len(printed) == 4
    content = json.loads((tmp_path / "images" / "annotations.json").read_text())
    for image in content["images"]:
        boxes = [a["bbox"] for a in content["annotations"] if a["image_id"] == image["id"]]
        found = printed[str(tmp_path / "images" / image["file_name"])]
        assert {detection["label"] for detection in found} == {"c"}
        corners = [[x, y, x + width, y + height] for x, y, width, height in boxes]
        np.testing.assert_allclose(corners, [detection["box"] for detection in found], atol=0.011)
    assert detect.main([*command, "--score", "1"]) == 0
    assert "scores over" not in (written := capsys.readouterr()).err
    assert all(json.loads(line)["detections"] == [] for line in written.out.splitlines())


def test_ctrl_c_leaves_whole_files(checkpoint, images, tmp_path, monkeypatch):
    from numpyssd.cli import images as module

    done = []

    def interrupted(*arguments):
        done.append(arguments)
        if len(done) > 2:
            raise KeyboardInterrupt
        return genuine(*arguments)

    genuine = module.detect_image
    monkeypatch.setattr(module, "detect_image", interrupted)
    command = [str(tmp_path / "images"), "--recursive", "--weights", checkpoint, "--out", str(tmp_path / "out")]
    with pytest.raises(KeyboardInterrupt):
        detect.main([*command, "--save-labels", "coco", str(tmp_path)])
    assert len(json.loads((tmp_path / "annotations.json").read_text())["images"]) == 2
