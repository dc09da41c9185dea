"""A simulated detector that makes every type of error, for figures and tests of the metrics."""

import numpy as np

from numpyssd.datasets.shapes import ShapesDataset


def simulate_detector(images=40, seed=3, size=96):
    """Return detections and ground truth of images of the built-in set, as ``average_precision`` takes them.

    Each object has no box, one or two, with noise added to its corners and sometimes with another class. In half of the
    images one further box lies anywhere. The more noise a box has, the lower its score.
    """
    rng, dataset = np.random.default_rng(seed), ShapesDataset(images, size)
    classes = len(dataset.class_names)
    found, truth = [], []
    for i in range(images):
        _, boxes, labels, difficult = dataset[i]
        copies = rng.choice(3, len(boxes), p=(0.12, 0.68, 0.2))
        near, said = np.repeat(boxes, copies, axis=0).astype(float), np.repeat(labels, copies)  # (D, 4), (D,)
        noise = rng.normal(0, 1, near.shape) * rng.uniform(0.02, 0.2, (len(near), 1))
        near += noise * np.tile(near[:, 2:] - near[:, :2], 2)
        said = np.where(rng.random(len(said)) < 0.12, rng.integers(1, classes + 1, len(said)), said)
        scores = 0.98 - 3 * np.abs(noise).mean(axis=1) + rng.normal(0, 0.06, len(near))
        corner, stray = rng.uniform(0, 0.7 * size, 2), rng.random() < 0.5
        anywhere = np.r_[corner, corner + 0.25 * size][None][:stray]  # (1, 4) or (0, 4)
        found.append((
            np.concatenate([near, anywhere]),
            np.append(said, rng.integers(1, classes + 1, len(anywhere))),
            np.append(scores, rng.uniform(0.2, 0.9, len(anywhere))).clip(0.01, 0.99),
        ))  # fmt: skip
        truth.append((boxes, labels, difficult))
    return found, truth
