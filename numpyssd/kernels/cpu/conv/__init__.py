"""Convolution on the CPU: a ladder from loops to Winograd, one idea a rung. Read the files in this order.

    file                      what changes                                multiply-adds    bytes moved for each of them
    1 loops.py                each output number: a sum over kernel       9 C              two loads, and the weights lie
                              positions and channels                                       C_out numbers apart
    2 loops.py                im2col: windows side by side as rows,       9 C              whole vectors: two loads, a store;
                              and one matrix product                                       columns: 9 times the image
    3 im2col.py, gemm.py,     the product keeps a register block of       9 C              5 / 8 of a load; the columns of a
      im2col_forward.py       sums, strip by strip                                         strip stay in the core's cache
    4 winograd.py,            36 products for 16 outputs, by transforms   9 / 4 C          as rung 3; V and M are 2.25 times
      winograd_forward.py     of patches, weights and sums                                 the image, and stay in the cache

(Multiply-adds for each output number of a 3x3 convolution with C input channels.) The last two rungs are in use:
kernels/cpu/conv2d.py chooses. ``python -m benchmarks.conv_ladder`` checks that all rungs agree, and times them. On an
AMD EPYC with AVX-512, float32, 3x3, one thread, each rung is so many times faster than the one before:

    layer                     rung 2   rung 3   rung 4     all rungs
    75x75,  64 ->  64         8        6        3          150
    38x38, 256 -> 256         39       5        3          500

A second thread made rungs 3 and 4 of the first layer 1.7 times faster again: 2.0 and 0.73 ms became 1.1 and 0.43 ms.

What the rungs stand on:

    layout.py                 Matrix, the layout of a matrix in memory; packed panels, the order in which gemm reads
    winograd_2d.py            Winograd's transforms written out for squares of vectors
    winograd_tiles.py         tiles, patches, and the transformed input V
    winograd_weights.py       the transformed weights U
    weight_cache.py           packed or transformed weights, kept while the weights stay the same
    im2col_dweight.py, winograd_dweight.py        the gradients of the weights
"""
