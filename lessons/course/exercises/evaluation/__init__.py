"""Exercises of lesson 15: which detections are true positives, precision and recall, and two ways to average them."""

from lessons.course.exercises.evaluation.area_of_curve import EXERCISE as AREA_OF_CURVE
from lessons.course.exercises.evaluation.eleven_points import EXERCISE as ELEVEN_POINTS
from lessons.course.exercises.evaluation.outcomes import EXERCISE as OUTCOMES
from lessons.course.exercises.evaluation.precision_recall import EXERCISE as PRECISION_RECALL

EXERCISES = {
    "precision_recall": PRECISION_RECALL,
    "eleven_points": ELEVEN_POINTS,
    "area_of_curve": AREA_OF_CURVE,
    "outcomes": OUTCOMES,
}
