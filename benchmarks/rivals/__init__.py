"""The comparison on the paper's first page, re-enacted: SSD, YOLO and Faster R-CNN on the same data and machine.

rows.py: what is compared, one thing changed in a row. training.py: a row is trained. measuring.py: what is measured of
it. speed.py: where an image's time goes. table.py, figure.py: what is printed and drawn. __main__.py: the command.
step.py: what a training step costs, a command of its own.
"""
