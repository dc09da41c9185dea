"""Batches: shuffle, augment, match, stack, ahead of time in a thread of its own.

What is in batch number t depends on (seed, t) alone: the shuffling on (seed, epoch), the augmentation of each image on
(seed, t, place in the batch). So a run that was interrupted goes on with the very same batches, with no random state
to save, and threads cannot change the order of anything.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from numpyssd import kernels
from numpyssd.config import NetworkConfig
from numpyssd.datasets.dataset import Dataset
from numpyssd.errors import InputError
from numpyssd.images.preprocess import normalize
from numpyssd.training.augmentation.mixing import Mixing
from numpyssd.training.augmentation.pipeline import augment

ALL = slice(None)


class Batch(NamedTuple):
    """One batch: images (N, S, S, 3) float32, the targets of a detector, and which images of the dataset these are."""

    images: np.ndarray
    targets: tuple[np.ndarray, ...]  # (N, ...) each: of SSD loc_targets (N, K, 4) and conf_targets (N, K)
    indices: np.ndarray  # (N,) into the dataset
    transfer: object = None  # images and targets on their way to the GPU, if that is where the backend computes

    def arrays(self):
        """Return images and targets where the backend computes."""
        if self.transfer:
            images, *targets = self.transfer.wait()
        else:
            images, *targets = (kernels.active.to_device(a.astype(dtype, copy=False)) for a, dtype in self._columns())
        return images, targets

    def _columns(self):
        """Return images and targets, each with the type that the backend computes in: a GPU has 32 bits for each."""
        narrow = {"f": np.float32, "i": np.int32} if kernels.active.ON_DEVICE else {}
        return [(a, narrow.get(a.dtype.kind, a.dtype)) for a in (self.images, *self.targets)]

    def sent_ahead(self, prefetcher):
        """Return the batch, on its way to the GPU while the one before is computed."""
        return self._replace(transfer=prefetcher.send(self._columns()))


class Batches:
    """An endless supply of batches of a dataset; ``batch(t)`` makes number t.

    dataset: a datasets.dataset.Dataset. config: of the network that the images are for. make_targets: a function from
    the boxes (M, 4) xyxy in [0, 1], the labels (M,) and the random generator of an image to what the network should
    answer (that of a detector.Detector). options go to ``augment`` (flips, crops, colors), and so does config.resize,
    so that training sees what detection will. cache_bytes: of decoded images that are kept. use_difficult: objects
    marked difficult are trained on, as in Caffe; without it they become background. mosaic_probability,
    copy_probability: see augmentation/mixing.py. rows: which rows of each batch are made; the others are those of other
    processes, which train with this one.

    Raises InputError if the dataset has no images; and, once its batch is made, for an image that cannot be read or a
    box that is not finite.
    """

    def __init__(
        self,
        dataset: Dataset,
        config: NetworkConfig,
        make_targets: Callable[[np.ndarray, np.ndarray, np.random.Generator], tuple[np.ndarray, ...]],
        batch_size: int,
        seed: int = 0,
        cache_bytes: int = 1 << 30,
        use_difficult: bool = True,
        mosaic_probability: float = 0.0,
        copy_probability: float = 0.0,
        rows: slice = ALL,
        **options,
    ):
        if not len(dataset):
            raise InputError("the training split has no images; choose another one with --split, or add images to it")
        self.dataset, self.config, self.make_targets = dataset, config, make_targets
        self.batch_size, self.seed, self.use_difficult = batch_size, seed, use_difficult
        self.mixing = Mixing(mosaic_probability, copy_probability)
        self.options = {"resize": config.resize, **options}
        self.cache, self.cache_room, self.rows = {}, cache_bytes, rows

    def indices(self, t):
        """Return which images are in batch t: the epochs' permutations laid end to end, and cut."""
        images, first, last = len(self.dataset), t * self.batch_size, (t + 1) * self.batch_size
        epochs = range(first // images, (last - 1) // images + 1)
        orders = [np.random.default_rng((self.seed, 1, epoch)).permutation(images) for epoch in epochs]
        start = first - epochs[0] * images
        return np.concatenate(orders)[start : start + self.batch_size]

    def name(self, i):
        """Return what to call image i in a message."""
        path = self.dataset.image_path(i)
        return f"{self.dataset.image_name(i)} of the training split" if path is None else str(path)

    def sample(self, i):
        """Return item i of the dataset, kept in memory as long as there is room, so that JPEGs are decoded once."""
        if i not in self.cache:
            sample = self.dataset[i]
            bad = ~np.isfinite(sample[1]).all(axis=1)
            if bad.any():  # it overlaps nothing, so that nobody would ever notice
                box = sample[1][bad.argmax()].tolist()
                raise InputError(
                    f"{self.name(i)}, object {bad.argmax()} (counted from 0): box {box} is not finite; fix it"
                )
            if sample[0].nbytes > self.cache_room:
                return sample
            self.cache_room -= sample[0].nbytes
            self.cache[i] = sample
        return self.cache[i]

    def batch(self, t: int) -> Batch:
        """Make batch number t, or those of its rows that are made here."""
        indices = self.indices(t)
        places = range(len(indices))[self.rows]  # so an image is the same wherever it is made
        rows = [self._row(indices[n], np.random.default_rng((self.seed, 2, t, n))) for n in places]
        images, *targets = (np.stack(column) for column in zip(*rows))
        return Batch(normalize(images, self.config), tuple(targets), indices[self.rows])

    def _row(self, i, rng):
        """Return image (S, S, 3) uint8 and targets of one augmented sample of image i."""
        size = self.config.image_size
        image, boxes, labels, difficult = self.mixing.sample(i, self.sample, len(self.dataset), size, rng)
        if not self.use_difficult:
            boxes, labels = boxes[~difficult], labels[~difficult]
        image, boxes, labels, _ = augment(image, boxes, labels, size, rng, mean=self.config.mean, **self.options)
        return image, *self.make_targets(boxes, labels, rng)

    def stream(self, first: int, last: int) -> Iterator[Batch]:
        """Yield the batches first .. last - 1; the next one is made, and sent, while the network works on this one."""
        prefetcher = kernels.active.Prefetcher() if kernels.active.ON_DEVICE else None

        def make(t):
            return self.batch(t).sent_ahead(prefetcher) if prefetcher else self.batch(t)

        with ThreadPoolExecutor(1, thread_name_prefix="batches") as helper:
            upcoming = helper.submit(make, first)
            for t in range(first, last):
                batch = upcoming.result()
                if t + 1 < last:
                    upcoming = helper.submit(make, t + 1)
                yield batch
