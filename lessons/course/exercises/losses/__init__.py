"""Exercises of lesson 10: the loss of a number, of a class, and of a whole batch."""

from lessons.course.exercises.losses.cross_entropy import EXERCISE as CROSS_ENTROPY
from lessons.course.exercises.losses.first_loss import EXERCISE as FIRST_LOSS
from lessons.course.exercises.losses.log_sum_exp import EXERCISE as LOG_SUM_EXP
from lessons.course.exercises.losses.smooth_l1_pair import EXERCISE as SMOOTH_L1_PAIR
from lessons.course.exercises.losses.whole_loss import EXERCISE as WHOLE_LOSS

EXERCISES = {
    "first_loss": FIRST_LOSS,
    "smooth_l1_pair": SMOOTH_L1_PAIR,
    "cross_entropy": CROSS_ENTROPY,
    "log_sum_exp": LOG_SUM_EXP,
    "whole_loss": WHOLE_LOSS,
}
