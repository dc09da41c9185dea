"""numpyssd.reports.results.advice: each rule by its case and one near it, and the heaviest first."""

import numpy as np
import pytest

from numpyssd.inference.error_split import ERROR_TYPES
from numpyssd.reports.results.advice import LOOK, advice
from numpyssd.reports.results.overview import why
from numpyssd.reports.results.validation import ClassResult, Validation
from numpyssd.run.log import COLUMNS

EMPTY = {name: np.zeros(0) for name in COLUMNS}


def one(name="cat", ap=0.8, objects=100, train_objects=1000, uncovered=0, taken_for=(), **errors):
    counts = dict.fromkeys(ERROR_TYPES, 0) | errors
    numbers = {"ap": ap, "low": ap, "high": ap, "score": 0.5, "precision": ap, "recall": ap, "f1": ap}
    return ClassResult(
        name=name, objects=objects, train_objects=train_objects, correct=objects - counts["missed"], errors=counts,
        uncovered=uncovered, taken_for=[list(pair) for pair in taken_for], **numbers,
    )  # fmt: skip


def validation(*classes, mean=0.8, low=0.78, high=0.82, images=50):
    return Validation("val", images, mean, low, high, list(classes), None, [], [])


def log_of(*maps):
    return EMPTY | {"iteration": np.arange(1, len(maps) + 1) * 100.0, "val_map": np.array(maps, float)}


def said(*classes, log=EMPTY, config=None, **numbers):
    return " ".join(advice(validation(*classes, **numbers), log, config or {}))


def test_a_weak_class_with_few_training_objects_needs_images():
    others = [one(name, 0.9) for name in ("cat", "dog")]
    text = said(*others, one("newt", 0.4, train_objects=12))
    assert "Add training images of newt: its AP is 0.40, and it has 12 objects to learn from, where the classes" in text
    assert "newt" not in said(*others, one("newt", 0.4, train_objects=1000))  # it fails, but not for want of images
    assert "newt" not in said(*others, one("newt", 0.89, train_objects=12))  # it does not fail
    assert "it has 1 object to learn" in said(*others, one("newt", 0.4, train_objects=1))
    assert "Add training images of cell" in said(one("cell", 0.5, train_objects=30))  # the only class there is
    assert "Add training" not in said(one("cell", 0.5, train_objects=None))


def test_classes_that_are_taken_for_each_other():
    text = said(one("cat", taken_for=[("dog", 25), ("cow", 1)]), one("dog", taken_for=[("cat", 3)]))
    assert "Check the labels of cat and dog, and add images of both: 25 of 100 cat were taken for dog." in text
    assert "Check" not in said(one("cat", taken_for=[("dog", 5)]), one("dog"))
    assert "Check" not in said(one("cat", objects=5, taken_for=[("dog", 2)]), one("dog", objects=5))


def test_small_objects_need_smaller_boxes_or_a_larger_input():
    small = one(missed=40, uncovered=30)
    assert "smaller default boxes (--fit-default-boxes): 30 of the 40 missed objects" in said(small)
    fitted = said(small, config={"recipe": {"fit_default_boxes": True}})
    assert "a larger input (--preset ssd512)" in fitted
    assert "default boxes" not in said(one(missed=40, uncovered=1))
    assert "--fit-default-boxes" in said(small, config={"recipe": "damaged"})


@pytest.mark.parametrize(
    ("maps", "words"),
    [
        ((0.1, 0.3, 0.5, 0.6, 0.7, 0.8), "Train longer: the validation mAP still rose from 0.60 to 0.80"),
        ((0.1, 0.5, 0.7, 0.79, 0.8, 0.8), LOOK),
        ((0.1, 0.8), LOOK),
        ((0.1, 0.8, 0.7, 0.7, 0.6, 0.6), "Add training images: the mAP fell from 0.80 at iteration 200 to 0.60"),
        ((0.1, 0.8, 0.8, 0.79, 0.79, 0.79), LOOK),
    ],
)
def test_the_curve_says_whether_to_train_longer(maps, words):
    assert words in said(one(), log=log_of(*maps))
    assert ("Train longer" in said(one(), log=log_of(*maps))) == ("Train longer" in words)


def test_a_network_that_has_hardly_learned_is_to_learn_longer_and_not_blamed_for_its_errors():
    errors = one(background=900, localization=3000, missed=40, taken_for=[("dog", 30)])
    sentences = advice(validation(errors, one("dog"), mean=0.15), log_of(0.01, 0.04, 0.07, 0.15), {})
    assert sentences[0].startswith("Train longer")
    assert sentences[1] == LOOK
    learned = advice(validation(errors, one("dog"), mean=0.15), log_of(0.1, 0.14, 0.15, 0.15), {})
    assert any("tight" in sentence or "without objects" in sentence for sentence in learned)


@pytest.mark.parametrize(
    ("maps", "words"),
    [
        ((0.10, 0.11, 0.12, 0.13), "Train longer: the validation mAP is low, and still rose from 0.120 to 0.130"),
        ((0.1, 0.15), "Train longer: the validation mAP is low, and still rose from 0.100 to 0.150"),
        ((0.001,), "Train longer: the network finds hardly anything, its validation mAP is 0.001"),
        ((0.0, 0.0, 0.0, 0.0, 0.0), "Train longer: the network finds hardly anything, its validation mAP is 0.000"),
    ],
)
def test_a_low_map_that_still_rises_comes_before_all_other_advice(maps, words):
    only = one(ap=0.1, train_objects=5, background=900, localization=3000, missed=90, uncovered=80)
    sentences = advice(validation(only, mean=maps[-1], low=0.0, high=0.9), log_of(*maps), {})
    assert sentences[0].startswith(words)
    assert "(--resume with more --max-minutes or --iterations)." in sentences[0]
    assert not any("tight" in sentence or "without objects" in sentence for sentence in sentences)


@pytest.mark.parametrize("maps", [(0.2,), (0.2, 0.2), (0.1, 0.2, 0.2, 0.19), (0.04, 0.01, 0.01, 0.01)])
def test_a_low_map_that_does_not_rise_is_no_reason_to_train_longer_first(maps):
    sentences = advice(validation(one(background=900, localization=3000)), log_of(*maps), {})
    assert not sentences[0].startswith("Train longer")
    assert any("without objects" in sentence for sentence in sentences)


def test_errors_of_one_kind():
    assert "Add training images without objects, of what was found where nothing is (40 times on 50 images)" in said(
        one(background=40)
    )
    assert "Draw the boxes of the training images tight" in said(one(localization=40))
    assert "objects were missed (40 of 200, most of them dog)" not in said(one(), one("dog", missed=40))
    assert "objects were missed (60 of 200, most of them dog)" in said(one(), one("dog", missed=60))
    assert said(one(background=10, localization=10, missed=20)).startswith("No single cause stands out")


def test_few_validation_images():
    text = said(one(), low=0.6, high=0.9, images=12)
    assert "Put more images into val: with 12 the mAP is sure only to lie between 0.60 and 0.90." in text
    assert "Put more" not in said(one(), low=None, high=None)
    for low, high in ((0.6, 0.6), (None, None)):  # of one image there is no interval
        text = said(one(), low=low, high=high, images=2 if low else 1)
        assert f"Put more images into val: {'2 images' if low else '1 image'} cannot tell how good" in text


def test_it_is_two_sentences_the_heaviest_first():
    many = [one(missed=50, uncovered=45, background=30, localization=30, taken_for=[("dog", 20)]), one("dog")]
    sentences = advice(validation(*many, low=0.5, high=0.9), log_of(0.1, 0.5, 0.7, 0.75), {})
    assert len(sentences) == 2
    assert sentences[0].startswith("Train with smaller default boxes")
    assert len(advice(validation(one(background=40)), EMPTY, {})) == 2
    assert advice(validation(one(ap=0.95), mean=0.95), EMPTY, {}) == ["It is good: use it.", LOOK]
    assert advice(validation(one(objects=0), mean=None), EMPTY, {}) == [
        "The validation images have no objects: choose others with --val-split, to measure the network."
    ]
    assert all(sentence.endswith(".") for sentence in sentences)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (one(missed=2), ""),
        (one(), ""),
        (one(missed=30, localization=10), "missed: 30"),
        (one(missed=30, uncovered=20), "missed, too small for the default boxes: 30"),
        (one(missed=30, taken_for=[("dog", 20)]), "taken for dog: 20"),
        (one(missed=30, taken_for=[("dog", 5)]), "missed: 30"),
        (one(localization=30, missed=10), "boxes fit badly: 30"),
        (one(objects=0, background=3), "found where nothing is: 3"),
    ],
)
def test_why_a_class_fails(case, words):
    assert why(case) == words
