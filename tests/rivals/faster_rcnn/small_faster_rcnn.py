"""The smallest Faster R-CNN, and images for it: what the tests of the network and of the detector share."""

from dataclasses import replace

import numpy as np

from numpyssd.rivals.faster_rcnn.config import FASTER_RCNN_TINY

SMALL = replace(
    FASTER_RCNN_TINY, image_size=32, num_classes=4, width=0.125, base_blocks=((64,),) * 5, map_size=4, pool_size=3,
    anchors_per_image=16, training_proposals=20, proposals=20, rois_per_image=12, max_objects=8,
)  # fmt: skip


def images(rng, count=2, size=32):
    return rng.uniform(-100, 100, (count, size, size, 3)).astype(np.float32)


def objects(rng, count):
    corner = rng.uniform(0, 0.6, (count, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(0.15, 0.4, (count, 2))], axis=1).clip(0, 1)
    return boxes.astype(np.float32), rng.integers(1, 4, count)


def targets(detector, scenes, seed=0):
    """Return the targets of a batch of scenes, each boxes and labels."""
    rows = [detector.make_targets(*scene, np.random.default_rng((seed, n))) for n, scene in enumerate(scenes)]
    return tuple(np.stack(column) for column in zip(*rows))


def gradients(detector):
    return {name: parameter.grad.copy() for name, parameter in detector.model.parameters().items()}
