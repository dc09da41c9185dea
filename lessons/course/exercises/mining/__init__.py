"""Exercises of lesson 11: how many negatives, which ones, and a rank without a loop."""

from lessons.course.exercises.mining.how_many import EXERCISE as HOW_MANY
from lessons.course.exercises.mining.mine_batch import EXERCISE as MINE_BATCH
from lessons.course.exercises.mining.mine_image import EXERCISE as MINE_IMAGE
from lessons.course.exercises.mining.rank_of import EXERCISE as RANK_OF

EXERCISES = {
    "how_many": HOW_MANY,
    "mine_image": MINE_IMAGE,
    "rank_of": RANK_OF,
    "mine_batch": MINE_BATCH,
}
