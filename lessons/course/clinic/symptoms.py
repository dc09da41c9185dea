"""What a record of a run says in a few numbers."""

import math

import numpy as np

from lessons.course.clinic.faults import CONFIG

EXPECTED = (1 + 3) * math.log(CONFIG.num_classes)  # of the first conf: every class alike, three negatives a positive
BEGIN, END = 20, 40  # iterations at the begin and at the end that are looked at


def symptoms(record):
    """Return the symptoms of a run, a dictionary of floats; of a run that stopped, the last five are None.

    - first: its first conf, by the expected one.
    - rise: the largest conf of the first 20 iterations, by the first one. worst: of all iterations.
    - step: the largest step by weight of a layer, after the first step.
    - positives: default boxes that are positive, for each object of the training images.
    - conf, loc: mean of the last 40 iterations.
    - train, val, test: mAP at the end.
    - found: the fraction of validation objects that a shown box overlaps. named: of these, with the right name.
    """
    conf = np.asarray(record["conf"], float)
    seen = {
        "first": conf[0] / EXPECTED,
        "rise": conf[:BEGIN].max() / conf[0],
        "worst": conf.max() / conf[0],
        "step": max(record["steps"][0][1]),
        "positives": record["positives_per_object"],
        "conf": conf[-END:].mean(),
        "loc": np.mean(record["loc"][-END:]),
    }
    seen |= dict.fromkeys(("train", "val", "test", "found", "named"))
    if not record["stopped"]:
        table = np.array(record["confusion"])  # (C, C + 1)
        found = table[:, :-1].sum()
        seen |= {"train": record["train_map"], "val": record["maps"][-1][1], "test": record["test_map"]}
        seen |= {"found": found / table.sum(), "named": table[:, :-1].trace() / max(1, found)}
    return {name: value if value is None else float(f"{value:.4g}") for name, value in seen.items()}
