"""COCO's numbers against pycocotools, on random sets with crowds, ties, empty classes and objects of every size."""

import contextlib
import io

import coco_scenes
import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.coco_metrics import WORDS, coco_metrics
from numpyssd.pictures.simulated_detector import simulate_detector


def pycocotools(detections, truth, classes, crowd=None, areas=None):
    """Return COCOeval after it has done its work."""
    annotations, results = [], []
    for i, ((boxes, labels, scores), (gt_boxes, gt_labels, _)) in enumerate(zip(detections, truth)):
        for m, (x1, y1, x2, y2) in enumerate(gt_boxes.tolist()):
            size = (x2 - x1) * (y2 - y1) if areas is None else float(areas[i][m])
            annotations.append({
                "id": len(annotations) + 1, "image_id": i, "category_id": int(gt_labels[m]), "area": size,
                "bbox": [x1, y1, x2 - x1, y2 - y1], "iscrowd": int(crowd is not None and crowd[i][m]),
            })  # fmt: skip
        for d in np.argsort(-scores, kind="stable"):
            x1, y1, x2, y2 = boxes[d].tolist()
            box = [x1, y1, x2 - x1, y2 - y1]
            results.append({"image_id": i, "category_id": int(labels[d]), "bbox": box, "score": float(scores[d])})
    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO()
        known.dataset = {
            "images": [{"id": i} for i in range(len(truth))], "annotations": annotations,
            "categories": [{"id": n} for n in range(1, classes + 1)], "info": {},
        }  # fmt: skip
        known.createIndex()
        evaluation = COCOeval(known, known.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def assert_the_same(detections, truth, classes, **columns):
    names = tuple(f"class {n}" for n in range(1, classes + 1))
    metrics = coco_metrics(detections, truth, names, **columns)
    evaluation = pycocotools(detections, truth, classes, **columns)
    theirs = {name: np.nan if value < 0 else value for name, value in zip(WORDS, evaluation.stats)}
    assert metrics.numbers == pytest.approx(theirs, abs=1e-9, nan_ok=True)
    precision = evaluation.eval["precision"][..., -1]  # (T, 101, C, A), -1 where there is no object
    recall = evaluation.eval["recall"]  # (T, C, A, 3)
    np.testing.assert_allclose(np.nan_to_num(metrics.ap, nan=-1), precision.mean(axis=1).transpose(2, 0, 1), atol=1e-9)
    np.testing.assert_allclose(np.nan_to_num(metrics.recall, nan=-1), recall.transpose(3, 2, 0, 1), atol=1e-9)
    return metrics


@pytest.mark.parametrize("seed", range(1, 13))
def test_random_sets_with_crowds_and_areas(seed):
    found, truth, crowd, areas = coco_scenes.scene(seed)
    metrics = assert_the_same(found, truth, 4, crowd=crowd, areas=areas)
    assert 0 < metrics.numbers["AP"] < 1
    assert np.isnan(metrics.ap[..., 3]).all()  # a class without an object that counts
    assert_the_same(found, truth, 4, areas=areas)
    assert_the_same(found, truth, 5, crowd=crowd)


@pytest.mark.parametrize("seed", range(3))
def test_boxes_that_are_no_whole_numbers(seed):
    found, truth = simulate_detector(60, seed, 160)
    crowd = [np.random.default_rng(i).random(len(rows[1])) < 0.2 for i, rows in enumerate(truth)]
    assert_the_same(found, truth, 5)
    assert_the_same(found, truth, 5, crowd=crowd)


def test_more_than_a_hundred_detections_of_a_class():
    found, truth, crowd, areas = coco_scenes.scene(7, images=6, classes=3, most=120)
    assert max(np.bincount(rows[1], minlength=2)[1:].max() for rows in found) > 100
    assert_the_same(found, truth, 3, crowd=crowd, areas=areas)


@pytest.mark.parametrize("seed", range(1, 5))
def test_metric_coco_is_pycocotools_beyond_a_hundred_too(seed):
    found, truth, _, _ = coco_scenes.scene(seed, images=8, crowds=False, most=60)
    assert max(len(rows[0]) for rows in found) > 100
    ours = average_precision(found, truth, "coco").mean
    assert ours == pytest.approx(pycocotools(found, truth, 4).stats[0], abs=1e-9)
    found, truth, _, _ = coco_scenes.scene(seed, images=3, classes=2, crowds=False, most=250)
    assert max(np.bincount(rows[1], minlength=2)[1:].max() for rows in found) > 100
    assert average_precision(found, truth, "coco").mean == pytest.approx(
        pycocotools(found, truth, 2).stats[0], abs=1e-9
    )
    assert coco_metrics(found, truth).numbers["AP"] == pytest.approx(pycocotools(found, truth, 4).stats[0], abs=1e-9)
