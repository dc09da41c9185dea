"""Exercises of lesson 07: how many outputs a cell has, in which order, and how one cell is computed."""

from lessons.course.exercises.feature_maps.flatten_map import EXERCISE as FLATTEN_MAP
from lessons.course.exercises.feature_maps.outputs_per_cell import EXERCISE as OUTPUTS_PER_CELL
from lessons.course.exercises.feature_maps.place_of import EXERCISE as PLACE_OF
from lessons.course.exercises.feature_maps.predict_cell import EXERCISE as PREDICT_CELL

EXERCISES = {
    "outputs_per_cell": OUTPUTS_PER_CELL,
    "flatten_map": FLATTEN_MAP,
    "place_of": PLACE_OF,
    "predict_cell": PREDICT_CELL,
}
