"""What a training sample costs, and what it changes when colors come last or images are resized as by OpenCV.

    python -m benchmarks.augmentation [--samples 100] [--data VOC_ROOT]

The images are noise of all sizes of grain, as in a photograph, or those of the train split of VOC_ROOT. Both ways get
the same random numbers, so that the views are the same. Seconds are those of one processor; the fastest of 3 rounds.
"""

import argparse
import time

import numpy as np
from PIL import Image

from numpyssd.datasets.voc import VOCDataset
from numpyssd.training.augmentation.pipeline import augment

SIZE = 300
WAYS = {
    "colors first (Caffe's order)": {},
    "colors last": {"colors": "last"},
    'resize="opencv"': {"resize": "opencv"},
}


def grain(height, width, seed=0):
    """Return an image (height, width, 3) uint8 whose neighboring pixels are alike, on every scale."""
    rng, out = np.random.default_rng(seed), np.full((height, width, 3), 128, np.float32)
    for cells in (3, 6, 12, 25, 50, 100, 200, 400):
        for channel in range(3):
            coarse = Image.fromarray(rng.normal(0, 100 / cells**0.5, (cells, cells)).astype(np.float32))
            out[..., channel] += np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
    return np.clip(out, 0, 255).astype(np.uint8)


def samples(scenes, count, **options):
    """Return ``count`` training samples (SIZE, SIZE, 3) of the scenes, and the seconds that one took."""
    start, made = time.process_time(), []
    for i in range(count):
        image, boxes, labels = scenes[i % len(scenes)][:3]
        made.append(augment(image, boxes, labels, SIZE, np.random.default_rng(i), **options)[0])
    return made, (time.process_time() - start) / count


def compare(name, scenes, count):
    """Print a line for each way."""
    print(name)
    first = None
    for way, options in WAYS.items():
        made, seconds = min((samples(scenes, count, **options) for _ in range(3)), key=lambda result: result[1])
        first = first or made
        levels = np.mean([np.abs(a.astype(int) - b).mean() for a, b in zip(made, first)])
        print(f"  {way:<30} {1000 * seconds:7.1f} ms a sample, {levels:5.2f} levels of 255 from the first")


def main(argv=None):
    """Compare the ways."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--data", metavar="VOC_ROOT", help="a folder in the layout of the VOC devkit")
    options = parser.parse_args(argv)
    if options.data:
        dataset = VOCDataset(options.data, "train", bad_data="skip")
        scenes = [dataset[i] for i in range(min(len(dataset), 50))]
        compare(f"{len(scenes)} images of {options.data}", scenes, options.samples)
        return
    for height, width in ((480, 640), (3000, 4000)):
        boxes = np.array([[0.2, 0.3, 0.5, 0.8], [0.6, 0.1, 0.8, 0.3]]) * [width, height, width, height]
        scenes = [(grain(height, width), boxes, np.array([1, 2]))]
        compare(f"{width} x {height}", scenes, options.samples)


if __name__ == "__main__":
    main()
