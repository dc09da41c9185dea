"""Exercises of lesson 00: which rows of the output are detections, where they lie, and how many may stay."""

from lessons.course.exercises.detections.detections_over import EXERCISE as DETECTIONS_OVER
from lessons.course.exercises.detections.keep_best import EXERCISE as KEEP_BEST
from lessons.course.exercises.detections.last_false import EXERCISE as LAST_FALSE
from lessons.course.exercises.detections.to_pixels import EXERCISE as TO_PIXELS

EXERCISES = {
    "last_false": LAST_FALSE,
    "detections_over": DETECTIONS_OVER,
    "to_pixels": TO_PIXELS,
    "keep_best": KEEP_BEST,
}
