"""Where implementations differ in data augmentation: keyword arguments of ``augment``, with Caffe's way as the default.

| argument            | value     | who                           | effect                                           |
| ------------------- | --------- | ----------------------------- | ------------------------------------------------ |
| colors              | "first"   | Caffe                         | colors change before resizing                    |
|                     | "last"    | here, for speed               | after it: two thirds of the time for an image of |
|                     |           |                               | 640 x 480, a tenth for one of 4000 x 3000 (30    |
|                     |           |                               | instead of 300 ms). It differs by 0.2 of 255     |
|                     |           |                               | levels: brightness and contrast commute with     |
|                     |           |                               | averaging (benchmarks/augmentation.py). The same |
|                     |           |                               | rng gives the same view and the same changes     |
| hue_wraps           | False     | Caffe                         | a hue below 0 stops at 0 (see photometric)       |
|                     | True      | ChainerCV, amdegroot,         | it comes back below 360                          |
|                     |           | lufficc, qfgaohao             |                                                  |
| shuffle_probability | 0         | Caffe, ChainerCV              | the channels keep their order                    |
|                     | 1/2       | amdegroot, lufficc, qfgaohao, | red, green and blue are exchanged at random      |
|                     |           | torchvision                   |                                                  |
| min_iou_rule        | "any"     | Caffe, torchvision, lufficc,  | a crop needs the IoU with one object             |
|                     |           | sgrvinod                      |                                                  |
|                     | "all"     | ChainerCV, NVIDIA             | with all objects                                 |
| last_needs_object   | True      | Caffe                         | the last sampler needs an object, of any IoU:    |
|                     |           |                               | an image without objects is never cropped        |
|                     | False     | here, for such images         | it takes any crop                                |
| resize              | "average" | here; Pillow's rule           | shrinking averages all that a pixel covers       |
|                     | "opencv"  | Caffe                         | only INTER_AREA averages ("float" is the same)   |
| flip_vertical       | True      | here, for images without an   | flipped with flip_probability                    |
|                     |           | up, as from a microscope      |                                                  |
| rotate90            | True      | likewise                      | 0 to 3 quarter turns, each as likely             |
"""

from dataclasses import dataclass

from PIL import Image

from numpyssd.training.augmentation import geometry


@dataclass(frozen=True)
class Variants:
    """The choices of the table above. Raises ValueError for an unknown word."""

    colors: str
    hue_wraps: bool
    shuffle_probability: float
    min_iou_rule: str
    last_needs_object: bool
    resize: str
    flip_vertical: bool
    rotate90: bool

    def __post_init__(self):
        if self.colors not in ("first", "last"):
            raise ValueError(f'colors must be "first" or "last", but is {self.colors!r}')
        if self.resize not in ("average", "opencv", "float"):
            raise ValueError(f'resize must be "average", "opencv" or "float", but is {self.resize!r}')

    @property
    def of_crop(self):
        """The options of crop_samplers.crop."""
        return {"min_iou_rule": self.min_iou_rule, "last_needs_object": self.last_needs_object}

    @property
    def of_distort(self):
        """The options of photometric.photometric_distort."""
        return {"hue_wraps": self.hue_wraps, "shuffle_probability": self.shuffle_probability}

    def colors_first(self, interpolation):
        """Return whether colors change before an image is resized by this interpolation."""
        # To pick pixels and then change their colors is the same as the other way round, and cheaper.
        return self.colors == "first" and interpolation != Image.Resampling.NEAREST

    def turn(self, sample, boxes, rng, flip_probability):
        """Return a sample (S, S, 3) and its boxes (M, 4) xyxy in [0, 1], flipped and turned at random if asked for."""
        if self.flip_vertical and rng.random() < flip_probability:
            sample, boxes = geometry.flip_vertical(sample, boxes)
        if self.rotate90:
            sample, boxes = geometry.rotate90(sample, boxes, int(rng.integers(4)))
        return sample, boxes
