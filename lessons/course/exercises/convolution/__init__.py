"""Exercises of lesson 03: how large the output is, the loops, and the same as one matrix multiplication (GEMM)."""

from lessons.course.exercises.convolution.convolve import EXERCISE as CONVOLVE
from lessons.course.exercises.convolution.im2col import EXERCISE as IM2COL
from lessons.course.exercises.convolution.output_size import EXERCISE as OUTPUT_SIZE

EXERCISES = {
    "output_size": OUTPUT_SIZE,
    "convolve": CONVOLVE,
    "im2col": IM2COL,
}
