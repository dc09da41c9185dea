"""Convolution on the CPU: a ladder from loops to Winograd, one idea a rung. Read the files in this order.

1. loops.py: each output number is a sum over kernel positions and channels.
   9 C multiply-adds; two loads for each, and the weights lie C_out numbers apart.
2. loops.py: im2col, windows side by side as rows, and one matrix product.
   9 C multiply-adds, in whole vectors; two loads and a store for each, and the columns are 9 times the image.
3. im2col.py, layout.py, gemm.py, im2col_forward.py: the product keeps a register block of sums, strip by strip.
   9 C multiply-adds; 5 / 8 of a load for each, the columns of a strip stay in the core's cache, and what is multiplied
   next is asked for beforehand.
4. winograd.py, winograd_2d.py, winograd_tiles.py, winograd_weights.py, winograd_forward.py: 36 products for 16 outputs.
   9 / 4 C multiply-adds, and transforms; V and M, each 2.25 times the image, stay in the cache strip by strip.

The multiply-adds are those for each output number of a 3x3 convolution with C input channels. Rungs 3 and 4 are in use;
kernels/cpu/conv2d.py chooses. ``python -m benchmarks.conv_ladder`` checks that all rungs agree, and times them. On an
AMD EPYC with AVX-512, float32, 3x3, one thread, each rung is so many times faster than the one before:

    layer                 rung 2   rung 3   rung 4     all rungs
    75x75,  64 ->  64     7        8        3          145
    38x38, 256 -> 256     30       6        3          510

A second thread makes rungs 3 and 4 of both layers 1.7 to 2.0 times faster again. (Medians of three runs.)

The gradients of the weights are in im2col_dweight.py and winograd_dweight.py; the gradient of the input is a
convolution with the flipped kernel. weight_cache.py keeps packed and transformed weights while the weights stay the
same.
"""
