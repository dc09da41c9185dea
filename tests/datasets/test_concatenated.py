"""Concatenated: nothing of its parts is lost, not even what only COCO's metrics ask for."""

import json

import numpy as np
import pytest
from coco_scenes import scene
from PIL import Image

from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.coco import COCODataset
from numpyssd.datasets.concatenated import Concatenated
from numpyssd.datasets.dataset import Annotation
from numpyssd.datasets.loading import load_dataset
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.inference.evaluation.measurement import measure

SIDE = 600


def write_coco(root, images, truth, crowd, areas):
    """Write a COCO folder with some images, given by number, of the scenes."""
    (root / "annotations").mkdir(parents=True)
    (root / "test").mkdir()
    content = {"images": [], "annotations": [], "categories": [{"id": c, "name": f"c{c}"} for c in range(1, 5)]}
    for i in images:
        Image.new("L", (SIDE, SIDE)).save(root / "test" / f"{i}.png")
        content["images"].append({"id": i, "file_name": f"{i}.png"})
        for (x1, y1, x2, y2), label, is_crowd, area in zip(*truth[i][:2], crowd[i], areas[i]):
            content["annotations"].append({
                "id": len(content["annotations"]), "image_id": i, "category_id": int(label), "iscrowd": int(is_crowd),
                "bbox": [x1, y1, x2 - x1, y2 - y1], "area": area,
            })  # fmt: skip
    (root / "annotations" / "instances_test.json").write_text(json.dumps(content))
    return root


def test_cocos_numbers_of_two_folders_are_those_of_the_same_data_in_one(tmp_path):
    found, *columns = scene(images=12)
    whole = load_dataset(write_coco(tmp_path / "whole", range(12), *columns), "test")
    halves = [write_coco(tmp_path / f"half{k}", part, *columns) for k, part in enumerate((range(5), range(5, 12)))]
    both = load_dataset(f"{halves[0]},{halves[1]}", "test")
    assert (type(whole), type(both)) == (COCODataset, Concatenated)
    numbers = []
    for dataset in (whole, both):
        truth = [dataset.annotation(i)[:3] for i in range(12)]
        numbers.append(measure(found, truth, dataset, "coco", resamples=0).coco.numbers)
    np.testing.assert_equal(numbers[1], numbers[0])
    assert 0 < numbers[0]["AP"] < 1
    # Crowds and areas matter for these scenes, or nothing would be compared.
    for name, plain in (("crowd", np.zeros_like), ("area", np.ones_like)):
        assert any(
            (getattr(both.annotation(i), name) != plain(getattr(both.annotation(i), name))).any() for i in range(12)
        )


def test_samples_and_annotations_are_those_of_the_parts():
    one = Annotation.of([[1, 2, 5, 9]], [1], difficult=[True], truncated=[True], crowd=[True], area=[7])
    other = Annotation.of([[0, 0, 3, 3], [1, 1, 2, 2]], [1, 2])
    images = [np.full((12, 10, 3), k, np.uint8) for k in range(2)]
    parts = AnnotatedImages(("b",), images[:1], [one]), AnnotatedImages(("a", "b"), images[1:], [other])
    both = Concatenated(parts)
    assert both.class_names == ("a", "b")
    assert both[0] == parts[0][0]._replace(labels=np.array([2]))
    assert both[1] == parts[1][0]
    for name, column in one._asdict().items():
        np.testing.assert_array_equal(getattr(both.annotation(0), name), [2] if name == "labels" else column)
    assert both.annotation(0).area.tolist() == both[0].area.tolist() == [7]
    assert both[0].crowd.tolist() == [True]
    assert [both.image_name(i) for i in (0, 1, -1)] == ["image 0", "image 1", "image 1"]
    assert both.image_path(1) is None


def test_a_set_without_files_can_be_one_of_them():
    both = Concatenated([ShapesDataset(2), ShapesDataset(1, split="val")])
    assert both[2] == ShapesDataset(1, split="val")[0]
    assert both.image_size(2) == (64, 64)
    assert both.issues == []
    with pytest.raises(IndexError):
        both[3]
