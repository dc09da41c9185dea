"""Exercises of lesson 21: the cells of a region, RoI pooling and its gradient, smooth L1 with sigma, labels of anchors."""

from lessons.course.exercises.two_stages.cells_of_region import EXERCISE as CELLS_OF_REGION
from lessons.course.exercises.two_stages.label_anchors import EXERCISE as LABEL_ANCHORS
from lessons.course.exercises.two_stages.roi_pool import EXERCISE as ROI_POOL
from lessons.course.exercises.two_stages.roi_pool_gradient import EXERCISE as ROI_POOL_GRADIENT
from lessons.course.exercises.two_stages.smooth_l1_of_sigma import EXERCISE as SMOOTH_L1_OF_SIGMA

EXERCISES = {
    "cells_of_region": CELLS_OF_REGION,
    "roi_pool": ROI_POOL,
    "roi_pool_gradient": ROI_POOL_GRADIENT,
    "smooth_l1_of_sigma": SMOOTH_L1_OF_SIGMA,
    "label_anchors": LABEL_ANCHORS,
}
