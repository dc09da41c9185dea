"""Exercise kept_classes of lesson 19: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def kept_classes(weight, old, new):
    boxes = weight.shape[-1] // (1 + len(old))
    rows = weight.reshape(*weight.shape[:-1], boxes, 1 + len(old))  # a box's classes lie together
    out = np.zeros((*rows.shape[:-1], 1 + len(new)))
    out[..., 0] = rows[..., 0]  # background
    for place, name in enumerate(new, start=1):
        if name in old:
            out[..., place] = rows[..., 1 + old.index(name)]
    return out.reshape(*weight.shape[:-1], -1)


def kept_first_ones(weight, old, new):
    boxes, classes = weight.shape[-1] // (1 + len(old)), 1 + min(len(old), len(new))
    rows = weight.reshape(*weight.shape[:-1], boxes, 1 + len(old))
    out = np.zeros((*rows.shape[:-1], 1 + len(new)))
    out[..., :classes] = rows[..., :classes]
    return out.reshape(*weight.shape[:-1], -1)


def kept_without_background(weight, old, new):
    boxes = weight.shape[-1] // (1 + len(old))
    rows = weight.reshape(*weight.shape[:-1], boxes, 1 + len(old))
    out = np.zeros((*rows.shape[:-1], 1 + len(new)))
    out[..., 0] = rows[..., 0]
    for place, name in enumerate(new, start=1):
        if name in old:
            out[..., place] = rows[..., old.index(name)]
    return out.reshape(*weight.shape[:-1], -1)


def kept_classes_first(weight, old, new):
    boxes = weight.shape[-1] // (1 + len(old))
    rows = weight.reshape(*weight.shape[:-1], 1 + len(old), boxes)
    out = np.zeros((*weight.shape[:-1], 1 + len(new), boxes))
    out[..., 0, :] = rows[..., 0, :]
    for place, name in enumerate(new, start=1):
        if name in old:
            out[..., place, :] = rows[..., 1 + old.index(name), :]
    return out.reshape(*weight.shape[:-1], -1)


def kept_without_background_row(weight, old, new):
    out = kept_classes(weight, old, new).reshape(*weight.shape[:-1], -1, 1 + len(new))
    out[..., 0] = 0
    return out.reshape(*weight.shape[:-1], -1)


def predictors_of_classes():
    one = np.arange(1, 4, dtype=float).reshape(1, 1, 1, 3)  # one box: background, cat, dog
    two = np.arange(1, 7, dtype=float).reshape(1, 1, 1, 6)  # two boxes
    rng = np.random.default_rng(19)
    large = rng.integers(-9, 10, (3, 3, 4, 4 * 6)).astype(float)
    shapes = ["cross", "ellipse", "rectangle", "ring", "triangle"]
    return [
        (one, ["cat", "dog"], ["dog"]),
        (two, ["cat", "dog"], ["dog", "cow"]),
        (two, ["cat", "dog"], ["cow", "dog", "cat"]),
        (large, shapes, ["ring", "star"]),
    ]


EXERCISE = Exercise(
    question="Return the conf kernels (..., boxes * (1 + new)) with those of known classes kept, and 0 for the others.",
    answer=kept_classes,
    cases=predictors_of_classes,
    hints=(
        "The last axis is box, class: reshape it to (boxes, 1 + old). Class 0 is the background and is kept.",
        "Class i of old is row 1 + i. For each new name that is in old, copy row 1 + old.index(name).",
    ),
    mistakes={
        "first": Mistake(kept_first_ones, "you keep the first kernels whatever they are called: a cat's then say dog."),
        "background": Mistake(
            kept_without_background, "you are off by one class: row 0 is the background, so class i is row 1 + i."
        ),
        "classes first": Mistake(
            kept_classes_first, "the last axis is box, then class: all classes of the first box come first."
        ),
        "no background": Mistake(
            kept_without_background_row, "the kernels of the background are known, too: keep row 0."
        ),
    },
)
