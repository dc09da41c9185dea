"""Faster R-CNN (Ren et al., 2015) on the kernels, the data and the training loop of SSD: two stages at an image.

The first stage scores anchors, boxes that are the same in every image, and moves them: the region proposal network. The
second takes each of the best boxes by itself, reads the same feature map once more where the box is, and says what is
in it. Section of the paper -> file:

- 3, the two modules: network.py, detector.py
- 3.1 region proposal network: region_proposal_network.py; 3.1.1 anchors: anchors.py
- 3.1.2 loss function: anchor_targets.py, faster_rcnn_loss.py
- 3.2 sharing features, approximate joint training: network.py
- 3.3 implementation details: config.py, proposals.py
- Fast R-CNN (Girshick, 2015), 2.1 the RoI pooling layer: roi_pooling.py; its successor: roi_align.py
- Fast R-CNN, 2.3 mini-batch sampling: proposal_targets.py; the head: box_head.py
"""
