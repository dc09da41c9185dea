"""The end of a run: evaluate the best weights, write the report, and say what to type next."""

import json

from numpyssd.errors import InputError
from numpyssd.run.evaluation import evaluate
from numpyssd.weights import load


def finish(options, model, val, settings, state):
    """Evaluate best.npz on the validation set, write config.json and the report, and print the next commands."""
    from numpyssd.run.report import write_report

    best = options.out / ("best.npz" if val is not None else "last.npz")
    if val is not None:
        load(model, best)
        result = evaluate(model, val, "voc")
        print(result.summary())
        settings["result"] = {"mAP": float(result.mean), "per_class": result.per_class, "images": len(val), **state}
        (options.out / "config.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")
        name = "held-out" if options.tiny else options.val_split
        print(f"mAP {result.mean:.3f} (VOC area, IoU 0.5) on {len(val)} {name} images; weights in {best}")
    try:
        write_report(options.out)
    except OSError as reason:
        raise InputError(f"the report in {options.out} cannot be written ({reason.strerror}); free some space") from None
    print(f"curves and settings: {options.out / 'report.html'}\n\nnext, type")
    for line in next_commands(options, best):
        print(f"  {line}")


def next_commands(options, best):
    """Return the commands that a user would want after this run."""
    if options.tiny:
        return [
            f"python -m numpyssd.detect data/samples/JPEGImages --weights {best} --explain",
            f"python -m numpyssd.evaluate --weights {best}",
            f"python -m numpyssd.explore --weights {best}",
        ]
    return [
        f"python -m numpyssd.evaluate --weights {best} --data {options.data} --split test",
        f"python -m numpyssd.detect {options.data}/JPEGImages --weights {best}",
        f"python -m numpyssd.train --data {options.data} --out {options.out} --resume",
    ]
