"""Which network, and how it is trained: one row of numbers for each preset, with the reason beside each."""

from dataclasses import dataclass, field, replace

from numpyssd.config import SSD300, SSD300_COCO, SSD512, TINY

# The network for somebody's own photographs and no GPU: SSD300's graph with COCO's smaller default boxes (21 px and
# up), a quarter as wide and with fewer layers where the maps are large. Batch-normalised, because it starts from
# nothing, and with a milder start than Caffe's, which the README compares.
COMPACT = replace(
    SSD300_COCO,
    name="compact",
    base_blocks=((64,), (128,), (256, 256), (512, 512), (512, 512)),
    width=0.25,
    batch_norm=True,
    norm_scale=8.0,
    predictor_gain=0.1,
)

PRESETS = {"compact": COMPACT, "tiny": TINY, "ssd300": SSD300, "ssd512": SSD512}


@dataclass(frozen=True)
class Recipe:
    """How a network is trained."""

    batch_size: int
    lr: float  # at the start; see ``schedule``
    iterations: int | None = None  # either this,
    epochs: int | None = None  # or passes over the training images
    warm_up: int = 100  # iterations in which the rate rises from nothing
    momentum: float = 0.9
    weight_decay: float = 5e-4
    schedule: str = "cosine"  # or "multistep", as released
    evaluations: int = 20  # on the validation split, spread over the run; the best is kept
    augmentation: dict = field(default_factory=dict)  # options of training.augmentation.augment
    matching: dict = field(default_factory=dict)  # options of training.matching.targets
    loss: dict = field(default_factory=dict)  # options of training.multibox_loss
    fit_default_boxes: bool = False  # to the objects of the training split (datasets/fitting.py)


RECIPES = {
    # Small batches for more steps in the time. Only flips: augmentation has not been compared here.
    "tiny": Recipe(
        batch_size=8,
        lr=0.01,
        iterations=1900,
        warm_up=50,
        evaluations=3,
        augmentation={"zoom_out_probability": 0, "crop_probability": 0, "distort_probability": 0, "colours": "last"},
    ),
    # Milder than Caffe's zoom-out to four times the side and crops down to 0.3, for a short run; not compared. Colours
    # are changed last, which takes a fifteenth of the time on a photograph of 12 megapixels.
    "compact": Recipe(
        batch_size=8,
        lr=0.008,
        epochs=100,
        augmentation={
            "zoom_out_probability": 0.2,
            "zoom_out_max": 1.6,
            "crop_min_scale": 0.5,
            "colours": "last",
            "hue_wraps": True,
            "free_needs_object": False,
        },
        fit_default_boxes=True,
    ),
    # As released, for a batch of 32 at 1e-3 (ssd_pascal.py): the rate scales with the batch.
    "ssd300": Recipe(batch_size=8, lr=1e-3 * 8 / 32, iterations=480_000, warm_up=1000, schedule="multistep"),
    "ssd512": Recipe(batch_size=4, lr=1e-3 * 4 / 32, iterations=960_000, warm_up=1000, schedule="multistep"),
}
