"""COCODataset and COCO's numbers from its files, against pycocotools reading and evaluating the same file."""

import json

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from numpyssd.datasets.coco import COCODataset
from numpyssd.inference.coco_metrics import coco_metrics
from numpyssd.inference.evaluation.measurement import measure


@pytest.fixture(params=range(3))
def files(request, tmp_path):
    """A file of 12 images with objects of all sizes, crowds among them, ids in no order; and random detections."""
    rng = np.random.default_rng(request.param)
    images, annotations = [], []
    for number in rng.permutation(500)[:12].tolist():
        Image.new("RGB", (400, 300)).save(tmp_path / f"{number}.png")
        images.append({"id": number, "file_name": f"{number}.png", "width": 400, "height": 300})
    categories = [{"id": i, "name": f"class {i}"} for i in (90, 3, 17)]
    detections = []
    for number in rng.permutation(900)[:120].tolist():
        image, category = images[rng.integers(12)]["id"], int(rng.choice([3, 17, 90]))
        w, h = rng.uniform(5, 250, 2)
        x, y = rng.uniform(0, 400 - w), rng.uniform(0, 300 - h)
        entry = {"id": number + 1, "image_id": image, "category_id": category, "bbox": [x, y, w, h]}
        crowd = int(rng.random() < 0.15)
        annotations.append({**entry, "area": w * h * rng.uniform(0.4, 1), "iscrowd": crowd, "segmentation": []})
        for _ in range(rng.integers(0, 4)):
            shift = rng.normal(0, 0.15, 4) * [w, h, w, h]
            box = np.maximum([x, y, w, h] + shift, [0, 0, 1, 1]).tolist()
            score = float(rng.random())
            detections.append({"image_id": image, "category_id": category, "bbox": box, "score": score})
    path = tmp_path / "instances.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path, detections


def test_the_objects_are_those_that_pycocotools_reads(files):
    path, _ = files
    data, coco = COCODataset(path, path.parent), COCO(str(path))
    assert data.category_ids == tuple(sorted(coco.getCatIds()))
    assert data.issues == []
    for i, image_id in enumerate(data.image_ids):
        theirs = coco.loadAnns(coco.getAnnIds(imgIds=image_id))
        boxes, labels, difficult, _ = data.annotation(i)[:4]
        x, y, w, h = np.array([a["bbox"] for a in theirs]).reshape(-1, 4).T
        np.testing.assert_array_equal(boxes, np.stack([x, y, x + w, y + h], axis=1))  # not rounded to float32
        assert [data.category_ids[label - 1] for label in labels] == [a["category_id"] for a in theirs]
        assert difficult.tolist() == [bool(a["iscrowd"]) for a in theirs]
        np.testing.assert_allclose(data.annotation(i).area, [a["area"] for a in theirs])


@pytest.mark.parametrize("ties", [False, True])
def test_the_file_evaluates_to_the_twelve_numbers_of_pycocotools(files, ties):
    path, detections = files
    if ties:
        detections = [d | {"score": round(d["score"], 1)} for d in detections]
    coco = COCO(str(path))
    theirs = COCOeval(coco, coco.loadRes(detections), "bbox")
    theirs.evaluate()
    theirs.accumulate()
    theirs.summarize()
    data = COCODataset(path, path.parent)
    label = {category_id: k for k, category_id in enumerate(data.category_ids, start=1)}
    found = []
    for image_id in data.image_ids:
        mine = [d for d in detections if d["image_id"] == image_id]
        x, y, w, h = np.array([d["bbox"] for d in mine]).reshape(-1, 4).T
        boxes, labels = np.stack([x, y, x + w, y + h], axis=1), [label[d["category_id"]] for d in mine]
        found.append((boxes, np.array(labels, int), np.array([d["score"] for d in mine])))
    indices = range(len(data))
    crowd, areas = [data.annotation(i).crowd for i in indices], [data.annotation(i).area for i in indices]
    truth = [data.annotation(i)[:3] for i in indices]
    ours = coco_metrics(found, truth, data.class_names, crowd=crowd, areas=areas)
    assert theirs.stats[0] > 0.05
    if not ties:  # the ids of the images are in no order, and the data set has them as the file does
        np.testing.assert_allclose(list(ours.numbers.values()), theirs.stats, atol=1e-9)
    measured = measure(found, truth, data, "coco", resamples=0)  # as the command does
    np.testing.assert_allclose(list(measured.coco.numbers.values()), theirs.stats, atol=1e-9)
    assert measured.result.mean == pytest.approx(theirs.stats[0], abs=1e-9)
    per_class = theirs.eval["precision"][:, :, :, 0, -1].mean(axis=(0, 1))
    assert list(measured.result.per_class.values()) == pytest.approx(per_class[per_class >= 0].tolist(), abs=1e-9)
