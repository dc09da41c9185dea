"""Convolution on the processor: im2col and one product, or Winograd."""
