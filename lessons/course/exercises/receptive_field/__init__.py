"""Exercises of lesson 06: receptive fields, their pixels, a subsampled kernel."""

from lessons.course.exercises.receptive_field.receptive_field import EXERCISE as RECEPTIVE_FIELD
from lessons.course.exercises.receptive_field.seen_pixels import EXERCISE as SEEN_PIXELS
from lessons.course.exercises.receptive_field.subsample import EXERCISE as SUBSAMPLE

EXERCISES = {
    "receptive_field": RECEPTIVE_FIELD,
    "seen_pixels": SEEN_PIXELS,
    "subsample": SUBSAMPLE,
}
