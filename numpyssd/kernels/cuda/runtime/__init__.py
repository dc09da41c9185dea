"""What the CUDA kernels stand on: the driver, memory, sums, the table of all kernels."""
