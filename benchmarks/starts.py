"""How TINY learns from nothing with and without batch normalization, and from other first weights than Caffe's.

    python -m benchmarks.starts [--iterations 600] [--seed 0]

Each row trains the same network on the same batches of the built-in set and prints the mAP (VOC area, IoU 0.5) on the
200 held-out images. The first rows are why TINY has ``batch_norm``, the others why it has no other start.
"""

import argparse
import contextlib
import io
import tempfile
from dataclasses import replace

from numpyssd.config import TINY
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD
from numpyssd.run.recipes import RECIPES
from numpyssd.run.training_run import TrainingRun
from numpyssd.ssd import SSDDetector
from numpyssd.training.batches import Batches

STARTS = {
    "TINY as it is": {},
    "without batch normalization": {"batch_norm": False},
    "without it, a tenth of the rate": {"batch_norm": False, "lr": 0.001},
    "predictors from a tenth of xavier": {"predictor_init_scale": 0.1},
    "conv4_3_norm from 6": {"norm_scale": 6.0},
    "both": {"predictor_init_scale": 0.1, "norm_scale": 6.0},
    "both, without batch normalization": {"predictor_init_scale": 0.1, "norm_scale": 6.0, "batch_norm": False},
}


def main():
    """Train each start and print its row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iterations", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    train, held_out = ShapesDataset(3000), ShapesDataset(200, split="test")
    print(f"{'start':<34} mAP after {options.iterations} iterations", flush=True)
    for name, changes in STARTS.items():
        recipe = replace(RECIPES["tiny"], iterations=options.iterations, evaluations=1)
        recipe = replace(recipe, lr=changes.get("lr", recipe.lr))
        config = replace(TINY, **{key: value for key, value in changes.items() if key != "lr"})
        detector = SSDDetector(SSD(config, seed=options.seed))
        batches = Batches(train, config, detector.make_targets, recipe.batch_size, options.seed, **recipe.augmentation)
        with tempfile.TemporaryDirectory() as folder:
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    state = TrainingRun(detector, batches, recipe, folder, held_out).run()
                print(f"{name:<34} {state.best_map:.3f}", flush=True)
            except InputError as reason:
                print(f"{name:<34} {reason}", flush=True)


if __name__ == "__main__":
    main()
