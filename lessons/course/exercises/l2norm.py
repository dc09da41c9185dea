"""An exercise of lesson 07: equal norms."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def normalize(x, scale):
    return x / np.sqrt((x * x).sum(axis=2, keepdims=True) + 1e-10) * scale


def normalize_whole_map(x, scale):
    return x / np.sqrt((x * x).sum() + 1e-10) * scale


def normalize_without_root(x, scale):
    return x / ((x * x).sum(axis=2, keepdims=True) + 1e-10) * scale


def normalize_absolute(x, scale):
    return x / (np.abs(x).sum(axis=2, keepdims=True) + 1e-10) * scale


def normalize_each_channel(x, scale):
    return x / np.sqrt((x * x).sum(axis=(0, 1), keepdims=True) + 1e-10) * scale


def normalize_without_guard(x, scale):
    with np.errstate(invalid="ignore"):
        return x / np.sqrt((x * x).sum(axis=2, keepdims=True)) * scale


def normalize_without_scale(x, scale):
    return normalize(x, 1.0)


def normalize_by_mean_square(x, scale):
    return x / np.sqrt((x * x).mean(axis=2, keepdims=True) + 1e-10) * scale


def normalize_by_the_largest(x, scale):
    return x / (np.abs(x).max(axis=2, keepdims=True) + 1e-10) * scale


def normalize_each_row(x, scale):
    return x / np.sqrt((x * x).sum(axis=1, keepdims=True) + 1e-10) * scale


def normalize_each_column(x, scale):
    return x / np.sqrt((x * x).sum(axis=0, keepdims=True) + 1e-10) * scale


def normalize_divided_by_scale(x, scale):
    return normalize(x, 1 / scale)


def normalize_by_the_sum(x, scale):
    with np.errstate(all="ignore"):
        return x / (x.sum(axis=2, keepdims=True) + 1e-10) * scale


def normalize_like_a_batch(x, scale):
    centered = x - x.mean(axis=2, keepdims=True)
    return centered / np.sqrt((centered**2).mean(axis=2, keepdims=True) + 1e-10) * scale


def maps_of_features():
    tiny = [([[[3, 4]]], [20, 20]), ([[[3, 4]]], [20, 10]), ([[[3, 4], [6, 8]]], [20, 20]), ([[[0, 0]]], [20, 20])]
    rng = np.random.default_rng(6)
    more = [(rng.normal(size=(2, 3, 4)), rng.uniform(10, 30, 4)), (rng.normal(size=(3, 2, 2)), [20, 20])]
    return [(np.array(x, float), np.array(scale, float)) for x, scale in (*tiny, *more)]


EXERCISES = {
    "normalize": Exercise(
        question="Return x (H, W, C) with each place divided by its L2 norm (1e-10 in the root), times scale (C,).",
        answer=normalize,
        cases=maps_of_features,
        hints=(
            "The norm of a place is the root of the sum of its squares over the channels, the last axis.",
            "norm = np.sqrt((x * x).sum(axis=2, keepdims=True) + 1e-10); then x / norm * scale.",
        ),
        mistakes={
            "whole map": Mistake(normalize_whole_map, "you took the norm of the whole map; each place has its own."),
            "without root": Mistake(normalize_without_root, "the norm is the root of the sum of squares."),
            "absolute": Mistake(
                normalize_absolute, "you added absolute values, not squares (that is the L1 norm; this is L2)."
            ),
            "each channel": Mistake(
                normalize_each_channel,
                "you went over the places of a channel; go over channels.",
                variants=(normalize_each_row, normalize_each_column),
            ),
            "no scale": Mistake(
                normalize_without_scale, "the scale is missing: each channel is multiplied by its own."
            ),
            "mean of squares": Mistake(
                normalize_by_mean_square, "this is the root of the *mean* of squares. The norm has their sum."
            ),
            "largest": Mistake(normalize_by_the_largest, "you divide by the largest number. Divide by the L2 norm."),
            "divided by the scale": Mistake(normalize_divided_by_scale, "multiply by the scale; you divide by it."),
            "sum": Mistake(
                normalize_by_the_sum, "you divide by the sum of the numbers; square them first, and take the root."
            ),
            "like a batch": Mistake(
                normalize_like_a_batch, "you subtract the mean, as batch normalization does. The L2 norm does not."
            ),
            "without guard": Mistake(
                normalize_without_guard, "a place of zeros becomes 0 / 0. Add 1e-10 to the sum, inside the root."
            ),
        },
    ),
}
