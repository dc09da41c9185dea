"""Exercises of lesson 13: one step of SGD, the schedule of the rate, micro-batches."""

from lessons.course.exercises.training.accumulated_gradient import EXERCISE as ACCUMULATED_GRADIENT
from lessons.course.exercises.training.learning_rate import EXERCISE as LEARNING_RATE
from lessons.course.exercises.training.sgd import EXERCISE as SGD

EXERCISES = {
    "sgd": SGD,
    "learning_rate": LEARNING_RATE,
    "accumulated_gradient": ACCUMULATED_GRADIENT,
}
