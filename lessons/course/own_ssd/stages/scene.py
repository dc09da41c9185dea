"""What all stages are compared on: two images of the built-in set, the default boxes, a network and its outputs."""

from functools import cache

import numpy as np

from lessons.course.own_ssd import reference
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.images.preprocess import normalize
from numpyssd.model.default_boxes import default_boxes
from numpyssd.training.matching import targets


@cache
def samples():
    """Return two samples as my_ssd.py takes them: image uint8, boxes (M, 4) in [0, 1], labels (M,)."""
    dataset = ShapesDataset(45)
    found = [dataset[number] for number in (12, 44)]  # every feature map has positives in both
    return tuple((s.image, s.boxes.astype(np.float64) / reference.CONFIG.image_size, s.labels.copy()) for s in found)


@cache
def defaults():
    """Return the default boxes (K, 4) cxcywh, float64."""
    return default_boxes(reference.CONFIG).astype(np.float64)


@cache
def pixels():
    """Return what the network sees of the two images, (2, S, S, 3) float32."""
    return normalize(np.stack([image for image, _, _ in samples()]), reference.CONFIG)


@cache
def batch_targets():
    """Return loc_targets (2, K, 4) float32 and conf_targets (2, K)."""
    loc, conf = zip(*(targets(boxes, labels, defaults()) for _, boxes, labels in samples()))
    return np.stack(loc).astype(np.float32), np.stack(conf)


@cache
def outputs():
    """Return loc (2, K, 4) and conf (2, K, C) float32, numbers as an untrained network gives them."""
    rng, (_, conf_targets) = np.random.default_rng(1), batch_targets()
    shape = conf_targets.shape
    return tuple(
        rng.normal(0, 1.5, (*shape, values)).astype(np.float32) for values in (4, reference.CONFIG.num_classes)
    )


def model():
    """Return a fresh network whose weights are the same each time."""
    return reference.network(seed=3)
