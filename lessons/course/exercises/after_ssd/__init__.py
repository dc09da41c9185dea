"""Exercises of lesson 23: FCOS's center-ness, the focal loss, and the assignment with the smallest sum."""

from lessons.course.exercises.after_ssd.best_columns import EXERCISE as BEST_COLUMNS
from lessons.course.exercises.after_ssd.centerness import EXERCISE as CENTERNESS
from lessons.course.exercises.after_ssd.focal import EXERCISE as FOCAL

EXERCISES = {
    "centerness": CENTERNESS,
    "focal": FOCAL,
    "best_columns": BEST_COLUMNS,
}
