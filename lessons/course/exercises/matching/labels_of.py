"""Exercise labels_of of lesson 09: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def labels_of(owner, labels):
    owner = np.asarray(owner)
    answer = np.zeros(len(owner), dtype=int)  # 0 is background
    answer[owner >= 0] = labels[owner[owner >= 0]]
    return answer


def labels_of_minus_one(owner, labels):
    return labels[owner] if len(labels) else np.zeros(len(owner), int)


def labels_without_object_0(owner, labels):
    return np.where(owner > 0, labels[owner], 0) if len(labels) else np.zeros(len(owner), int)


def labels_from_0(owner, labels):
    answer = labels_of(owner, labels)
    return np.where(answer > 0, answer - 1, 0)


def labels_no_objects(owner, labels):
    return np.where(owner >= 0, labels[owner], 0)


def labels_background_minus_one(owner, labels):
    answer = labels_of(owner, labels)
    return np.where(owner >= 0, answer, -1)


def labels_plus_one(owner, labels):
    answer = labels_of(owner, labels)
    return np.where(owner >= 0, answer + 1, 0)


def labels_are_owners(owner, labels):
    return owner + 1


def labels_positive_only(owner, labels):
    return labels[owner[owner >= 0]]


def labels_where_one(owner, labels):
    return (owner >= 0).astype(int)


def owners():
    lists = [
        ([0, -1], [3]),
        ([-1, 0, 0, -1], [2]),
        ([1, 1, -1, 0], [4, 5]),
        ([-1, -1, -1], []),  # an image without objects
        ([2, -1, 0, 1, -1, 2], [1, 3, 3]),
    ]
    return [(np.array(owner, int), np.array(labels, int)) for owner, labels in lists]


EXERCISE = Exercise(
    question="Return the class that each default box should predict: its object's label, or 0 for background.",
    answer=labels_of,
    cases=owners,
    hints=(
        "labels[owner] is right wherever owner is not -1. What is labels[-1]?",
        "Begin with np.zeros(len(owner), dtype=int), and fill in only where owner >= 0.",
    ),
    mistakes={
        "minus one": Mistake(
            labels_of_minus_one,
            "labels[-1] is the *last* object's label: all background has become that class.",
        ),
        "object 0": Mistake(
            labels_without_object_0, "object 0 is an object, too: ask for owner >= 0, not for owner > 0."
        ),
        "from 0": Mistake(
            labels_from_0,
            "you subtract 1: labels of objects begin at 1, because 0 is background, and stay as they are.",
        ),
        "no objects": Mistake(
            labels_no_objects,
            "without objects, labels is empty, and labels[-1] is an error. np.where computes both sides everywhere: "
            "fill in only where owner >= 0.",
        ),
        "background -1": Mistake(labels_background_minus_one, "background is class 0, not -1."),
        "plus one": Mistake(labels_plus_one, "you add 1: labels of objects begin at 1 already, and stay as they are."),
        "the object's number": Mistake(
            labels_are_owners, "this is the number of the object. What is wanted is its label: labels[owner]."
        ),
        "positives only": Mistake(
            labels_positive_only, "these are the positives alone. Background boxes get 0, and stay in the list."
        ),
        "one class": Mistake(labels_where_one, "this says that there is an object. Wanted is its class."),
    },
)
