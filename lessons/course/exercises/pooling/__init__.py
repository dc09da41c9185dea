"""Exercises of lesson 05: how many windows there are, their winners, the gradient, and padding."""

from lessons.course.exercises.pooling.max_pool import EXERCISE as MAX_POOL
from lessons.course.exercises.pooling.pool5 import EXERCISE as POOL5
from lessons.course.exercises.pooling.pool_gradient import EXERCISE as POOL_GRADIENT
from lessons.course.exercises.pooling.pooled_size import EXERCISE as POOLED_SIZE

EXERCISES = {
    "pooled_size": POOLED_SIZE,
    "max_pool": MAX_POOL,
    "pool_gradient": POOL_GRADIENT,
    "pool5": POOL5,
}
