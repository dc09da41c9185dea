"""Exercises of lesson 19: what loads, what is frozen, which rate each layer has, and class predictors that are kept."""

from lessons.course.exercises.transfer.kept_classes import EXERCISE as KEPT_CLASSES
from lessons.course.exercises.transfer.learns import EXERCISE as LEARNS
from lessons.course.exercises.transfer.loads import EXERCISE as LOADS
from lessons.course.exercises.transfer.rates import EXERCISE as RATES

EXERCISES = {
    "loads": LOADS,
    "learns": LEARNS,
    "rates": RATES,
    "kept_classes": KEPT_CLASSES,
}
