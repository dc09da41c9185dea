"""The same functions on an NVIDIA card, by Numba-CUDA: every array stays on the card until ``to_host`` fetches it.

tile.py has the idea of the fast convolutions; conv2d.py and conv2d_gradient.py use it. device.py is the only file that
touches the driver, memory.py has the arrays, sums.py the sums that must come out the same each time. table.py lists
every kernel with its types.
"""
