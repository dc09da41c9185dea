"""Exercises of lesson 08: how many default boxes there are, their shapes, places and rows."""

from lessons.course.exercises.default_boxes.box_shapes import EXERCISE as BOX_SHAPES
from lessons.course.exercises.default_boxes.cell_centers import EXERCISE as CELL_CENTERS
from lessons.course.exercises.default_boxes.count_boxes import EXERCISE as COUNT_BOXES
from lessons.course.exercises.default_boxes.row_of import EXERCISE as ROW_OF

EXERCISES = {
    "count_boxes": COUNT_BOXES,
    "box_shapes": BOX_SHAPES,
    "cell_centers": CELL_CENTERS,
    "row_of": ROW_OF,
}
