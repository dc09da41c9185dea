"""Which network, and how it is trained: one row of numbers for each preset, with the reason beside each."""

from dataclasses import dataclass, field, replace
from typing import Any

from numpyssd.config import COMPACT, SSD300, SSD300_COCO, SSD512, SSD512_COCO, TINY, Config
from numpyssd.detectors import NAMES, rival_module
from numpyssd.errors import InputError
from numpyssd.training.augmentation.choices import FLIPS, MILD

PRESETS = {
    "compact": COMPACT, "tiny": TINY,
    "ssd300": SSD300, "ssd512": SSD512, "ssd300_coco": SSD300_COCO, "ssd512_coco": SSD512_COCO,
}  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """How a network is trained."""

    batch_size: int
    lr: float  # at the start; see ``schedule``
    iterations: int | None = None  # either this,
    epochs: int | None = None  # or passes over the training images,
    min_iterations: int = 0  # but at least so many iterations, which few images need
    warm_up: int = 100  # iterations in which the rate rises from nothing; Caffe has none, which is 0
    momentum: float = 0.9
    weight_decay: float = 5e-4
    schedule: str = "cosine"  # or "multistep", as released
    drops: tuple[float, ...] = (2 / 3, 5 / 6)  # where multistep drops to a tenth: iterations, or fractions if below 1
    micro_batch: int | None = None  # images that go through the network at a time (training/loop.py)
    clip_gradient: float | None = None  # the norm that a larger gradient is scaled down to; Caffe's SSD clips none
    ema: float = 0.0  # decay of an average of the weights (training/weight_average.py); 0: none, as in the paper
    weights: str | None = None  # to start from, by name (weights/built_in.py); None: random ones
    evaluations: int = 20  # on the validation split, spread over the run; the best is kept
    augmentation: dict = field(default_factory=dict)  # options of training/augmentation: augment and Mixing
    matching: dict = field(default_factory=dict)  # options of training.matching.targets
    loss: dict = field(default_factory=dict)  # options of training.multibox_loss and loss_options
    fit_default_boxes: bool = False  # to the objects of the training split (datasets/analysis/fit_default_boxes.py)


# Published trainings, all with batches of 32 at a rate of 1e-3, then 1e-4 and 1e-5.
SCHEDULES: dict[str, dict[str, Any]] = {
    "voc0712": {"iterations": 120_000, "drops": (80_000, 100_000)},  # Caffe's ssd_pascal.py
    "voc07_paper": {"iterations": 60_000, "drops": (40_000, 50_000)},  # paper, section 3.1: VOC2007 alone
    "coco": {"iterations": 400_000, "drops": (280_000, 360_000)},  # Caffe's ssd_coco.py
}
# With random base weights this rate is too high at first, so there is a warm-up; others take 16,000 images for it.
_PUBLISHED: dict[str, Any] = {"batch_size": 32, "lr": 1e-3, "warm_up": 500, "schedule": "multistep"}


def presets(detector: str = Config.detector) -> dict[str, Any]:
    """Return the presets of a detector: name -> config."""
    return PRESETS if detector == Config.detector else rival_module(detector, "recipes").PRESETS


def preset_names() -> list[str]:
    """Return the names of the presets of all detectors."""
    return list(dict.fromkeys(name for detector in NAMES for name in presets(detector)))


def recipe_of(detector: str, preset: str) -> Recipe:
    """Return the recipe of a preset. Raises InputError if the detector has none of this name."""
    if preset not in presets(detector):
        names = ", ".join(presets(detector))
        raise InputError(f"{NAMES[detector]} has no preset {preset}; choose one of {names} with --preset")
    if detector == Config.detector:
        return RECIPES[preset]
    return Recipe(**rival_module(detector, "recipes").RECIPES[preset])


def published(recipe: Recipe, name: str) -> Recipe:
    """Return the recipe with batch size, rate and length of a published training, one of SCHEDULES."""
    return replace(recipe, **_PUBLISHED, **SCHEDULES[name], epochs=None, min_iterations=0, clip_gradient=None)


def for_batch_size(recipe: Recipe, batch_size: int) -> Recipe:
    """Return the recipe for batches of another size, which sees as many images in all.

    The learning rate grows with the batch (Goyal et al., 2017). The number of iterations shrinks with it, and so do the
    iterations at which the rate rises and drops.
    """
    factor = recipe.batch_size / batch_size
    return replace(
        recipe, batch_size=batch_size, lr=recipe.lr / factor, warm_up=round(recipe.warm_up * factor),
        iterations=max(1, round(recipe.iterations * factor)) if recipe.iterations else None,
        min_iterations=round(recipe.min_iterations * factor),
        drops=tuple(drop if drop < 1 else max(1, round(drop * factor)) for drop in recipe.drops),
    )  # fmt: skip


def for_length(recipe: Recipe, iterations: int | None = None, epochs: int | None = None) -> Recipe:
    """Return the recipe with another length, and its drops at the same fractions of it; give one of the two."""
    drops = tuple(drop if drop < 1 else drop / recipe.iterations for drop in recipe.drops)
    return replace(recipe, iterations=iterations, epochs=epochs, min_iterations=0, drops=drops)


RECIPES = {
    # Small batches for more steps in the time.
    "tiny": Recipe(
        batch_size=8,
        lr=0.01,
        iterations=1900,
        warm_up=50,
        evaluations=3,
        augmentation=FLIPS,
    ),
    # At this rate the loss grows without bounds unless gradients are clipped.
    "compact": Recipe(
        batch_size=8,
        lr=0.032,
        clip_gradient=3.0,
        epochs=100,
        min_iterations=5000,
        weights="base",
        augmentation=MILD,
        fit_default_boxes=True,
    ),
    # As released, with the memory of a smaller batch. Of COCO at 512 px only the 300 px script is known; the released
    # file's name (iter_360000) says that it was trained for less.
    "ssd300": Recipe(**_PUBLISHED, **SCHEDULES["voc0712"], micro_batch=8),
    "ssd512": Recipe(**_PUBLISHED, **SCHEDULES["voc0712"], micro_batch=4),
    "ssd300_coco": Recipe(**_PUBLISHED, **SCHEDULES["coco"], micro_batch=8),
    "ssd512_coco": Recipe(**_PUBLISHED, **SCHEDULES["coco"], micro_batch=4),
}


def overview():
    """Return the presets and the published schedules with their numbers, as text for --help."""
    line = "  {:<12}{:>4}  {:<17}{:<7}{:<9}{:<19}{}"
    lines = ["presets (--preset):", line.format("", "px", "batch", "rate", "warm-up", "length", "the rate then")]
    for detector in NAMES:
        if detector != Config.detector:
            lines.append(f"with --detector {detector}:")
        for name, config in presets(detector).items():
            recipe = recipe_of(detector, name)
            batch = f"{recipe.batch_size} ({recipe.micro_batch} at a time)" if recipe.micro_batch else recipe.batch_size
            length = f"{recipe.iterations} iterations" if recipe.iterations else f"{recipe.epochs} epochs"
            fall = _tenths(recipe.drops) if recipe.schedule == "multistep" else f"falls along a {recipe.schedule}"
            lines.append(line.format(name, config.image_size, batch, f"{recipe.lr:g}", recipe.warm_up, length, fall))
    compact = RECIPES["compact"]
    lines.append(
        f"compact: at least {compact.min_iterations} iterations, gradients clipped at {compact.clip_gradient:g}"
    )
    lines.append(f"SSD's compact starts from the weights {compact.weights}")
    lines.append("\npublished schedules (--schedule), in batches of 32 at a rate of 0.001:")
    for name, row in SCHEDULES.items():
        lines.append(f"  {name:<12}{row['iterations']} iterations, {_tenths(row['drops'])}")
    return "\n".join(lines)


def _tenths(drops):
    return "a tenth at " + " and ".join(f"{drop:.0%}" if drop < 1 else f"{drop:g}" for drop in drops)
