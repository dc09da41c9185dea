"""Exercises of lesson 14: from offsets to boxes, and from many boxes to one for each object."""

from lessons.course.exercises.nms.decode_box import EXERCISE as DECODE_BOX
from lessons.course.exercises.nms.nms import EXERCISE as NMS
from lessons.course.exercises.nms.nms_each_class import EXERCISE as NMS_EACH_CLASS
from lessons.course.exercises.nms.soft_nms import EXERCISE as SOFT_NMS

EXERCISES = {
    "decode_box": DECODE_BOX,
    "nms": NMS,
    "nms_each_class": NMS_EACH_CLASS,
    "soft_nms": SOFT_NMS,
}
