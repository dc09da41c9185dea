"""Exercises of lesson 18: a box in the network's square, coverage, coverage by class, and the limit of squares."""

from lessons.course.exercises.own_images.coverage import EXERCISE as COVERAGE
from lessons.course.exercises.own_images.coverage_of_classes import EXERCISE as COVERAGE_OF_CLASSES
from lessons.course.exercises.own_images.longest_reached import EXERCISE as LONGEST_REACHED
from lessons.course.exercises.own_images.warped_box import EXERCISE as WARPED_BOX

EXERCISES = {
    "warped_box": WARPED_BOX,
    "coverage": COVERAGE,
    "coverage_of_classes": COVERAGE_OF_CLASSES,
    "longest_reached": LONGEST_REACHED,
}
