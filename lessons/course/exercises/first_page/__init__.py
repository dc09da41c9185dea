"""Exercises of lesson 22: multiply-adds of a layer, an equal input, an equal batch, and when one is clearly ahead."""

from lessons.course.exercises.first_page.clearly_ahead import EXERCISE as CLEARLY_AHEAD
from lessons.course.exercises.first_page.frames_ratio import EXERCISE as FRAMES_RATIO
from lessons.course.exercises.first_page.multiply_adds_of import EXERCISE as MULTIPLY_ADDS_OF
from lessons.course.exercises.first_page.ratio_at_equal_input import EXERCISE as RATIO_AT_EQUAL_INPUT

EXERCISES = {
    "multiply_adds_of": MULTIPLY_ADDS_OF,
    "ratio_at_equal_input": RATIO_AT_EQUAL_INPUT,
    "frames_ratio": FRAMES_RATIO,
    "clearly_ahead": CLEARLY_AHEAD,
}
