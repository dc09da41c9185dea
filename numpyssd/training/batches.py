"""Batches: shuffle, augment, match, stack, ahead of time in a thread of its own.

What is in batch number t depends on (seed, t) alone: the shuffling on (seed, epoch), the augmentation of each image on
(seed, t, place in the batch). So a run that was interrupted goes on with the very same batches, with no random state
to save, and threads cannot change the order of anything.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from numpyssd.errors import InputError
from numpyssd.images.preprocess import normalize
from numpyssd.model.default_boxes import default_boxes
from numpyssd.training.augmentation.pipeline import augment
from numpyssd.training.matching import targets


class Batch(NamedTuple):
    """One batch: images (N, S, S, 3) float32, loc_targets (N, K, 4), conf_targets (N, K), and where they came from."""

    images: np.ndarray
    loc_targets: np.ndarray
    conf_targets: np.ndarray
    indices: np.ndarray  # (N,) into the dataset
    sent: object = None  # the first three columns on their way to a graphics card, if there is one


class Batches:
    """An endless supply of batches of ``dataset`` for the network of ``config``; ``batch(t)`` makes number t.

    options go to ``augment`` (flips, crops, colors), and so does config.resize, so that training sees what detection
    will; matching (a dictionary) goes to ``targets``. use_difficult: objects marked difficult are trained on, as in
    Caffe; without it they become background.
    Raises InputError if the dataset has no images; and, once its batch is made, for an image that cannot be read or a
    box that is not finite.
    """

    def __init__(
        self, dataset, config, batch_size, seed=0, cache_bytes=1 << 30, matching=None, use_difficult=True, **options
    ):
        if not len(dataset):
            raise InputError("the training split has no images; choose another one with --split, or add images to it")
        self.dataset, self.config, self.batch_size, self.seed = dataset, config, batch_size, seed
        self.use_difficult, self.options = use_difficult, {"resize": config.resize, **options}
        self.default_boxes, self.matching = default_boxes(config), matching or {}
        self.cache, self.cache_room = {}, cache_bytes

    def indices(self, t):
        """Return which images are in batch t: the epochs' permutations laid end to end, and cut."""
        images, first, last = len(self.dataset), t * self.batch_size, (t + 1) * self.batch_size
        epochs = range(first // images, (last - 1) // images + 1)
        orders = [np.random.default_rng((self.seed, 1, epoch)).permutation(images) for epoch in epochs]
        start = first - epochs[0] * images
        return np.concatenate(orders)[start : start + self.batch_size]

    def name(self, i):
        """Return what to call image i in a message."""
        path = getattr(self.dataset, "image_path", None)
        return f"image {i} of the training split" if path is None else str(path(i))

    def scene(self, i):
        """Return item i of the dataset, kept in memory as long as there is room, so that JPEGs are decoded once."""
        if i not in self.cache:
            scene = self.dataset[i]
            bad = ~np.isfinite(scene[1]).all(axis=1)
            if bad.any():  # it overlaps nothing, so that nobody would ever notice
                box = scene[1][bad.argmax()].tolist()
                raise InputError(
                    f"{self.name(i)}, object {bad.argmax()} (counted from 0): box {box} is not finite; mend it"
                )
            if scene[0].nbytes > self.cache_room:
                return scene
            self.cache_room -= scene[0].nbytes
            self.cache[i] = scene
        return self.cache[i]

    def batch(self, t):
        """Make batch number t."""
        indices = self.indices(t)
        rows = [self._row(i, np.random.default_rng((self.seed, 2, t, n))) for n, i in enumerate(indices)]
        images, loc_targets, conf_targets = (np.stack(column) for column in zip(*rows))
        return Batch(normalize(images, self.config), loc_targets, conf_targets, indices)

    def _row(self, i, rng):
        image, boxes, labels, difficult = self.scene(i)
        if not self.use_difficult:
            boxes, labels = boxes[~difficult], labels[~difficult]
        image, boxes, labels, _ = augment(
            image, boxes, labels, self.config.image_size, rng, mean=self.config.mean, **self.options
        )
        return image, *targets(boxes, labels, self.default_boxes, **self.matching)

    def stream(self, first, last, send=None):
        """Yield the batches first .. last - 1; the next one is made while the network works on this one.

        send: a function from a batch to the batch, which begins to bring it to where it is needed.
        """

        def make(t):
            return send(self.batch(t)) if send else self.batch(t)

        with ThreadPoolExecutor(1, thread_name_prefix="batches") as helper:
            upcoming = helper.submit(make, first)
            for t in range(first, last):
                batch = upcoming.result()
                if t + 1 < last:
                    upcoming = helper.submit(make, t + 1)
                yield batch
