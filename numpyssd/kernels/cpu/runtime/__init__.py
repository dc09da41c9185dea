"""What the CPU kernels stand on: threads, vectors, the compiler and its cache, buffers."""
