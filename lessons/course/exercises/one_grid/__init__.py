"""Exercises of lesson 20: responsible boxes, decoding, and two gradients of YOLO's loss."""

from lessons.course.exercises.one_grid.box_gradient import EXERCISE as BOX_GRADIENT
from lessons.course.exercises.one_grid.confidence_gradient import EXERCISE as CONFIDENCE_GRADIENT
from lessons.course.exercises.one_grid.count_wins import EXERCISE as COUNT_WINS
from lessons.course.exercises.one_grid.decode_cell import EXERCISE as DECODE_CELL
from lessons.course.exercises.one_grid.responsible import EXERCISE as RESPONSIBLE

EXERCISES = {
    "responsible": RESPONSIBLE,
    "decode_cell": DECODE_CELL,
    "confidence_gradient": CONFIDENCE_GRADIENT,
    "box_gradient": BOX_GRADIENT,
    "count_wins": COUNT_WINS,
}
