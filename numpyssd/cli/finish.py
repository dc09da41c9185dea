"""The end of a run: evaluate the best weights, write the report, and say what to type next."""

import math
from pathlib import Path

from numpyssd import shell
from numpyssd.detector import Detector
from numpyssd.files import write_error
from numpyssd.inference.evaluate import evaluate
from numpyssd.reports.report import write_report
from numpyssd.run.settings import write_settings
from numpyssd.run.state import State
from numpyssd.weights import load


def finish(options, detector: Detector, val, settings: dict, state: State):
    """Evaluate best.npz on the validation set, write config.json and the report, and print the next commands."""
    best = options.out / ("best.npz" if val is not None else "last.npz")
    if val is not None:
        load(detector.model, best)
        result = evaluate(detector, val, "voc")
        print(result.summary())
        # JSON has no NaN: a mean over no class at all is null.
        mean = float(result.mean) if math.isfinite(result.mean) else None
        settings["result"] = {"mAP": mean, "per_class": result.per_class, "images": len(val), **state.to_dict()}
        write_settings(options.out, settings)
        name = "held-out" if options.tiny else "validation" if options.val_split == "auto" else options.val_split
        print(f"mAP {result.mean:.3f} (VOC area, IoU 0.5) on {len(val)} {name} images; weights in {best}")
    else:
        print(f"trained without a validation split; weights in {best}")
    try:
        write_report(options.out)
    except OSError as reason:
        raise write_error(f"the report in {options.out}", reason, "free some space") from None
    print(f"curves and settings: {options.out / 'report.html'}\n\nnext, type")
    for line in next_commands(options, best):
        print(f"  {line}")


def next_commands(options, best):
    """Return the commands that a user would want after this run."""
    best = shell.quote(best)
    if options.tiny:
        samples = Path("data/samples")  # of a checkout; an installed package writes them first
        write = f"{shell.python()} -m numpyssd.datasets.shapes --out {samples} --train 0 --val 0 --test 6 --size 192"
        return [
            *([] if samples.is_dir() else [write]),
            f"{shell.start('detect')} {samples / 'JPEGImages'} --weights {best} --explain",
            f"{shell.start('evaluate')} --weights {best}",
            f"{shell.start('explore')} --weights {best}",
        ]
    from numpyssd.datasets.loading import has_split, image_folder

    data = shell.quote(options.data)
    if options.split == "auto" or options.val_split == "auto" and not has_split(options.data, "test"):
        split, folder = "test" if options.split == "auto" else "val", image_folder(options.data, options.split)
    else:
        splits = [name for name in ("test", options.val_split, options.split) if name not in ("none", "auto")]
        split = next(name for name in splits if has_split(options.data, name))
        folder = image_folder(options.data, split)
    policy = " --bad-data skip" if options.bad_data == "skip" else ""
    policy += " --missing-labels negative" if options.missing_labels == "negative" else ""
    return [
        f"{shell.start('evaluate')} --weights {best} --data {data} --split {shell.quote(split)}{policy}",
        f"{shell.start('detect')} {shell.quote(folder)} --weights {best}",
        f"{shell.start('explore')} --data {data} --weights {best}",
    ]
