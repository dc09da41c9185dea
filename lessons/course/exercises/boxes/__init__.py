"""Exercises of lesson 01: two boxes, many boxes, and the generalized IoU."""

from lessons.course.exercises.boxes.giou import EXERCISE as GIOU
from lessons.course.exercises.boxes.half_iou import EXERCISE as HALF_IOU
from lessons.course.exercises.boxes.iou import EXERCISE as IOU
from lessons.course.exercises.boxes.iou_matrix import EXERCISE as IOU_MATRIX

EXERCISES = {
    "half_iou": HALF_IOU,
    "iou": IOU,
    "iou_matrix": IOU_MATRIX,
    "giou": GIOU,
}
