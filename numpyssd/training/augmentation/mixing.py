"""Samples that are made of several images, before each is augmented: mosaic, and copied objects."""

from collections.abc import Callable
from dataclasses import dataclass

from numpyssd.datasets.dataset import Sample
from numpyssd.training.augmentation.copied_objects import copy_objects
from numpyssd.training.augmentation.mosaic import mosaic

# Times the side of the network's image: pixels for the crops that follow. Without a crop each of the four images is
# shown half as large as alone.
MOSAIC_SIDE = 2


@dataclass(frozen=True)
class Mixing:
    """How often samples are mixed: the probabilities of a mosaic, and of objects copied from another image."""

    mosaic_probability: float = 0.0
    copy_probability: float = 0.0

    def sample(self, i: int, sample_of: Callable[[int], Sample], images: int, size: int, rng) -> Sample:
        """Return item i of a data set of so many images, or what it becomes with some of the others.

        sample_of: returns an item. size: the side of the network's image in pixels. With both probabilities 0, rng is
        not asked for anything.
        """
        sample = sample_of(i)
        if self.mosaic_probability and rng.random() < self.mosaic_probability:
            others = [sample_of(int(k)) for k in rng.integers(0, images, 3)]
            sample = mosaic([sample, *others], MOSAIC_SIDE * size, rng)
        if self.copy_probability and rng.random() < self.copy_probability:
            sample = copy_objects(sample, sample_of(int(rng.integers(images))), rng)
        return sample
