"""YOLO, the first version (Redmon et al., 2016), on the kernels, the data and the training loop of SSD: one look.

One network says for each cell of a grid some boxes and a class, and the cell that holds an object's center answers for
it. Section of the paper (arXiv 1506.02640) -> file:

- 2, unified detection: grid_targets.py, decoding.py (equation 1)
- 2.1, network design: config.py, geometry.py, network.py, summary.py
- 2.2, training: responsibility.py, yolo_loss.py (equation 3), recipes.py
- 2.3, inference: detector.py
"""
