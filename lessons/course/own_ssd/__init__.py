"""The checker of lesson 16: somebody's own SSD, a file of functions, is compared with numpyssd stage by stage.

load.py        the file as a module, or one sentence why not
stage.py       what a stage is, and how one is tried
compare.py     what differs between two results, and where
stages/        the stages in their order; each knows the usual mistakes
reference.py   the same network, made of numpyssd's layers
learning.py    one image by heart, and the built-in set
blank.py       makes my_ssd_blank.py from my_ssd.py
"""
