"""The answers of lesson 12 are the library's own arithmetic, written so that it can be read."""

import numpy as np

from lessons.course.check import EXERCISES
from lessons.course.photograph import photograph
from numpyssd.training.augmentation.crop_samplers import MIN_IOUS, crop_candidates
from numpyssd.training.augmentation.geometry import boxes_in_view, flip


def answer(name):
    return EXERCISES[name].answer


def some_boxes(rng, count=8):
    return np.sort(rng.uniform(0, 1, (count, 2, 2)), axis=1).reshape(-1, 4)


def test_a_flip(rng):
    boxes = some_boxes(rng)
    np.testing.assert_allclose(answer("flip_boxes")(boxes), flip(np.zeros((4, 4, 3), np.uint8), boxes)[1])


def test_the_objects_of_a_crop(rng):
    for _ in range(20):
        boxes, labels = 500 * some_boxes(rng), rng.integers(1, 21, 8)
        view = 500 * some_boxes(rng, 1)[0]
        moved, kept_labels = answer("crop_boxes")(boxes, labels, view)
        expected, kept = boxes_in_view(boxes, view)
        np.testing.assert_allclose(moved, expected, atol=1e-6)
        assert (kept_labels == labels[kept]).all()


def test_a_patch_and_who_takes_it():
    boxes, whole = photograph()[1], np.array([0.0, 0, 512, 600])
    for seed in range(20):
        rng = np.random.default_rng(seed)
        numbers = rng.uniform(0.3, 1, (6, 1)), rng.uniform(0.5, 2, (6, 1)), rng.random((6, 1, 2))
        crops, found = crop_candidates(whole, boxes, np.random.default_rng(seed), trials=1)
        for i, (scale, ratio, place) in enumerate(zip(*(each[:, 0] for each in numbers))):
            np.testing.assert_allclose(answer("patch")(scale, ratio, place, whole[2:]), crops[i + 1], atol=1e-9)
        taken = [answer("takes_crop")(crops[i + 1], boxes, MIN_IOUS)[i] for i in range(5)]
        assert taken == found[1:6].tolist()
