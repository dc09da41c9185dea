"""Exercises of lesson 04: the gradient of the bias, of the weights, of the input, and of the input as a convolution."""

from lessons.course.exercises.convolution_backward.bias_gradient import EXERCISE as BIAS_GRADIENT
from lessons.course.exercises.convolution_backward.input_gradient import EXERCISE as INPUT_GRADIENT
from lessons.course.exercises.convolution_backward.input_gradient_as_convolution import (
    EXERCISE as INPUT_GRADIENT_AS_CONVOLUTION,
)
from lessons.course.exercises.convolution_backward.weight_gradient import EXERCISE as WEIGHT_GRADIENT

EXERCISES = {
    "bias_gradient": BIAS_GRADIENT,
    "weight_gradient": WEIGHT_GRADIENT,
    "input_gradient": INPUT_GRADIENT,
    "input_gradient_as_convolution": INPUT_GRADIENT_AS_CONVOLUTION,
}
