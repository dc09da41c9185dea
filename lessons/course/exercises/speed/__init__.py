"""Exercises of lesson 24: count products, im2col, Winograd's four products, Amdahl's limit."""

from lessons.course.exercises.speed.count_products import EXERCISE as COUNT_PRODUCTS
from lessons.course.exercises.speed.four_products import EXERCISE as FOUR_PRODUCTS
from lessons.course.exercises.speed.numbers_fetched import EXERCISE as NUMBERS_FETCHED
from lessons.course.exercises.speed.speedup import EXERCISE as SPEEDUP
from lessons.course.exercises.speed.windows_as_rows import EXERCISE as WINDOWS_AS_ROWS

EXERCISES = {
    "count_products": COUNT_PRODUCTS,
    "windows_as_rows": WINDOWS_AS_ROWS,
    "four_products": FOUR_PRODUCTS,
    "numbers_fetched": NUMBERS_FETCHED,
    "speedup": SPEEDUP,
}
