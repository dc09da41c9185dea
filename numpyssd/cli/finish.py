"""The end of a run: evaluate the best weights, write the report, and say what to type next."""

from pathlib import Path

from numpyssd import shell
from numpyssd.cli.measured import interval_in_words, table, without_nan
from numpyssd.cli.store_scores import store_scores
from numpyssd.console import counted
from numpyssd.datasets.splits.record import IN_RUN, read
from numpyssd.detector import Detector
from numpyssd.files import write_error
from numpyssd.inference.evaluation.measurement import measure
from numpyssd.ranks.evaluation import detect_on_ranks
from numpyssd.ranks.setup import share_model
from numpyssd.reports import report
from numpyssd.reports.results.validation import validation_of, write_validation
from numpyssd.run.settings import write_settings
from numpyssd.run.state import State
from numpyssd.training.one_process import ALONE, OneProcess
from numpyssd.weights import load


def finish(
    options, detector: Detector, val, settings: dict, state: State, train_objects: dict | None = None,
    ranks: OneProcess = ALONE,
):  # fmt: skip
    """Evaluate best.npz on the validation set, write config.json and the report, and print the next commands.

    The score of each class with the best F1 goes into best.npz. train_objects: class -> how many objects taught it.
    ranks: all of them detect, and rank 0 does the rest.
    """
    best = options.out / ("best.npz" if val is not None else "last.npz")
    if val is not None:
        if ranks.first:
            load(detector.model, best)
        if ranks.size > 1:
            share_model(ranks, detector.model)
        found = detect_on_ranks(ranks, detector, val)
    if not ranks.first:
        return
    if val is not None:
        measured = measure(*found, val)
        result = measured.result
        print("\n".join(table(measured)))
        # JSON has no NaN: a mean over no class at all is null.
        settings["result"] = without_nan({
            "mAP": float(result.mean), "per_class": result.per_class, "images": len(val), **state.to_dict(),
            "interval": list(measured.intervals.mean),
        })  # fmt: skip
        write_settings(options.out, settings)
        name = "held-out" if options.tiny else "validation" if options.val_split == "auto" else options.val_split
        print(store_scores(best, measured, name))
        write_validation(options.out, validation_of(measured, val, name, detector.model.config, train_objects))
        for line in interval_in_words(measured):
            print(line)
        print(f"mAP {result.mean:.3f} (VOC area, IoU 0.5) on {counted(len(val), f'{name} image')}; weights in {best}")
    else:
        print(f"trained without a validation split; weights in {best}")
    try:
        report.write_report(options.out)
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
    from numpyssd.datasets.layouts import has_split, image_folder

    data = shell.quote(options.data)
    if options.split == "auto" or options.val_split == "auto" and not has_split(options.data, "test"):
        split, folder = _part_to_measure(options), image_folder(options.data, options.split)
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


def _part_to_measure(options):
    """Return the part of the automatic split that evaluate measures: of one or two images none are in test."""
    parts = {entry.part for entry in read(options.out / IN_RUN).entries.values()}
    return next((part for part in ("test", "val") if part in parts), "all" if options.split == "auto" else "train")
