"""What the widget of lesson 12 shows: the seven samplers on a photograph, each with several tries."""

import numpy as np
from PIL import Image

from numpyssd.boxes import iou
from numpyssd.training.augmentation.crop_samplers import MIN_IOUS, crop_candidates
from numpyssd.training.augmentation.geometry import boxes_in_view
from lessons.course.widgets.image import pale
from lessons.course.widgets.widget import box, choose, view

SIDE, GAP = 240, 16  # the height of the photograph and the side of what the network gets; what is between them
SAMPLERS = ("whole image", *(f"IoU ≥ {m}" for m in MIN_IOUS), "any patch")


def crop_tries(image, boxes, names, seeds, first=(3, 0)):
    """Return the widget of the seven samplers: where the patch of each try is, which boxes stay, where they are then.

    image (H, W, 3) uint8; boxes (M, 4) xyxy in pixels; names (M,); a try has the random numbers of its seed.
    """
    height, width = image.shape[:2]
    scale = SIDE / height
    small = np.array(Image.fromarray(image).resize((round(width * scale), SIDE), Image.Resampling.LANCZOS))
    whole, states = np.array([0.0, 0, width, height]), {}
    for n, seed in enumerate(seeds):
        crops, found = crop_candidates(whole, boxes, np.random.default_rng(seed))
        for sampler, crop in enumerate(crops):
            state = _patch(crop, boxes, names, scale, small.shape[1]) if found[sampler] else _nothing(sampler)
            states[f"{sampler},{n}"] = state
    groups = [
        {"name": "sampler", "options": SAMPLERS},
        {"name": "try", "options": [str(n + 1) for n in range(len(seeds))]},
    ]
    label = "Choose a sampler and a try. Left: its patch. Right: what the network gets of it."
    shown = (small.shape[1] + GAP + SIDE, SIDE)
    return choose(label, (small.shape[1], SIDE), groups, states, [pale(small), small], first=first, shown=shown)


def _patch(crop, boxes, names, scale, width):
    """Return words and marks for a patch (4,) xyxy in pixels: green boxes stay, red ones go."""
    moved, kept = boxes_in_view(boxes, crop)
    overlaps, left = iou(crop[None], boxes)[0], width + GAP
    marks = [view(crop * scale, crop * scale), box(crop * scale, "pointer")]
    for m, (corners, name) in enumerate(zip(boxes * scale, names)):
        marks.append(box(corners, "ground truth" if m in kept else "negative", name))
    marks.append(view((left, 0, left + SIDE, SIDE), crop * scale))
    marks += [box(corners * SIDE + [left, 0, left, 0], "ground truth", names[m]) for corners, m in zip(moved, kept)]
    words = "IoU: " + ", ".join(f"{name} {overlap:.2f}" for name, overlap in zip(names, overlaps))
    stay, go = ([name for m, name in enumerate(names) if (m in kept) == wanted] for wanted in (True, False))
    return f"{words}. Stays: {', '.join(stay) or 'nothing'}. Goes: {', '.join(go) or 'nothing'}.", marks


def _nothing(sampler):
    """Return words and marks for a sampler that found no patch."""
    return f"None of 50 patches has an {SAMPLERS[sampler]} with an object: this sampler is left out.", []
