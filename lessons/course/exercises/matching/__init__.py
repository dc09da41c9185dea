"""Exercises of lesson 09: which default box is matched to which object, and with which offsets."""

from lessons.course.exercises.matching.encode_box import EXERCISE as ENCODE_BOX
from lessons.course.exercises.matching.labels_of import EXERCISE as LABELS_OF
from lessons.course.exercises.matching.match_boxes import EXERCISE as MATCH_BOXES
from lessons.course.exercises.matching.orphans import EXERCISE as ORPHANS

EXERCISES = {
    "orphans": ORPHANS,
    "encode_box": ENCODE_BOX,
    "match_boxes": MATCH_BOXES,
    "labels_of": LABELS_OF,
}
