"""``config.json``: what a run was asked for, so that ``--resume`` need not be told again."""

import json
from pathlib import Path

from numpyssd.config import Config
from numpyssd.datasets.issues import LABEL_POLICIES
from numpyssd.datasets.splits.record import digest
from numpyssd.detectors import NAMES
from numpyssd.errors import InputError
from numpyssd.files import write_error, written_whole
from numpyssd.run import variants
from numpyssd.run.recipes import SCHEDULES, preset_names
from numpyssd.weights.built_in import RANDOM

# Another value would make it another run: other weights, or other batches from here on.
SAME = (
    "detector", "preset", "width", "batch_size", "seed", "split", "weights",
    "fit_default_boxes", "schedule", "warm_up", "micro_batch", "clip_gradient", *variants.NAMES,
)  # fmt: skip
OF_RECIPE = ("batch_size", "lr", "warm_up", "micro_batch", "clip_gradient")  # found there, given or not
CHOICES = {"detector": NAMES, "preset": preset_names(), "schedule": SCHEDULES, "missing_labels": LABEL_POLICIES}
KINDS = {
    (str,): ("data", "split", "val_split", "weights", "weights_digest"),
    (list,): ("folders",),
    (dict,): ("fingerprint",),
    (bool,): ("tiny", "fit_default_boxes", "report_gradients"),
    (int,): ("batch_size", "seed", "warm_up", "micro_batch", "iterations", "epochs"),
    (int, float): ("width", "lr", "clip_gradient", "max_minutes"),
}
LENGTH = ("iterations", "epochs", "max_minutes")  # together: giving one of them anew forgets the others


def write_settings(folder, settings):
    """Write config.json, all or nothing. Raises InputError if the folder cannot be written."""
    path = Path(folder) / "config.json"
    try:
        with written_whole(path) as temporary:
            temporary.write_text(json.dumps(settings, indent=1), encoding="utf-8")
    except OSError as reason:
        raise write_error(path, reason, "free some space or choose another --out") from None


def read_settings(folder):
    """Return config.json as a dictionary; an empty one if it is missing, damaged, or of something else."""
    try:
        settings = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    whole = isinstance(settings, dict) and all(isinstance(settings.get(key), dict) for key in ("recipe", "network"))
    return settings if whole and all(_fits(name, value) for name, value in _remembered(settings).items()) else {}


def _remembered(settings):
    """Return the options of a run by name, each from the place in its settings where it is sure to be."""
    recipe = settings["recipe"]
    return {
        **settings,
        "detector": settings.get("detector", Config.detector),  # the only one in earlier files
        **{name: recipe.get(name) for name in OF_RECIPE},
        "clip_gradient": recipe.get("clip_gradient") or 0,  # none; not what the preset clips at by now
        "weights": settings.get("weights") or RANDOM,
        "micro_batch": recipe.get("micro_batch", recipe.get("images_at_once")),  # its name in earlier files
        "width": settings["network"].get("width"),
        "fit_default_boxes": recipe.get("fit_default_boxes", False),
        **variants.remembered(recipe),
    }


def _fits(name, value):
    """Return whether a value of config.json, which anybody may have edited, is one that its option could have."""
    if name in variants.NAMES:
        return variants.fits(name, value)
    if name in CHOICES:
        return value is None or isinstance(value, str) and value in CHOICES[name]
    kinds = next((kinds for kinds, names in KINDS.items() if name in names), None)
    if kinds is None or value is None:
        return True
    if isinstance(value, list):
        return type(value) in kinds and all(isinstance(item, str) for item in value)
    return type(value) in kinds and (not isinstance(value, int | float) or 0 <= value < float("inf"))


def recall(options):
    """Fill in the options (None: not given) of a run that is resumed from the config.json that it left in options.out.

    The learning rate, the length, the validation split, --bad-data and --missing-labels may be given anew, and data and
    weights that were moved. Raises InputError if another option contradicts the earlier run.
    """
    settings = read_settings(options.out)
    if not settings:
        return
    earlier = _remembered(settings)
    _recall_data(options, earlier)
    for name in SAME:
        given, before = getattr(options, name), earlier.get(name)
        if given is not None and not _is_same(name, given, before, earlier):
            option = name.replace("_", "-")
            option = f"--{'' if given else 'no-'}{option}" if isinstance(given, bool) else f"--{option} {given}"
            raise _contradiction(options, option, before)
        setattr(options, name, before if given is None else given)
    if not any(getattr(options, name) for name in LENGTH):
        options.max_minutes = earlier.get("max_minutes")
    if not (options.iterations or options.epochs):
        options.iterations = earlier.get("iterations")
    for name in ("lr", "val_split", "report_gradients", "bad_data", "missing_labels"):
        if getattr(options, name) is None:
            setattr(options, name, earlier.get(name))


def _recall_data(options, earlier):
    """Fill in what the run was trained on; whether another --data is the same is seen when it is loaded (data.py)."""
    before = "--tiny" if earlier.get("tiny") else f"--data {earlier.get('data')}"
    if options.tiny and not earlier.get("tiny"):
        raise _contradiction(options, "--tiny", before)
    if options.data and earlier.get("tiny"):
        raise _contradiction(options, f"--data {options.data}", before)
    options.tiny, options.fingerprint = bool(earlier.get("tiny")), earlier.get("fingerprint")
    options.weights_digest = earlier.get("weights_digest")
    data = earlier.get("data")
    if options.data and not options.fingerprint and (not data or _folders(options.data) != _folders(data)):
        said = f"{options.out / 'config.json'} does not say what the data was like, so that it cannot be compared"
        print(f"{said}: go on only if {options.data} holds the same images and objects as {data or 'its data'}")
    if not (options.data or options.tiny):
        options.data = _found_again(options, data, earlier.get("folders"))


def _found_again(options, data, folders):
    """Return the data of the run: as it was named, or else where it was, if the current folder is another one."""
    if not data or all(folder.exists() for folder in _folders(data)):
        return data
    if folders and all(Path(folder).exists() for folder in folders):
        return ",".join(folders)
    where = f"the data of the run in {options.out}, is not there"
    raise InputError(f"{data}, {where}; if it was moved, name its new folder with --data")


def _folders(data):
    from numpyssd.datasets.layouts import roots

    return [root.resolve() for root in roots(data)]


def _is_same(name, given, before, earlier):
    """Return whether a value is that of the run, or names the same file of weights in another place."""
    if given == before:
        return True
    if name != "weights" or not before or not Path(given).is_file():
        return False
    if earlier.get("weights_digest"):
        return digest(given) == earlier["weights_digest"]
    return Path(given).resolve() == Path(before).resolve()


def _contradiction(options, given, before):
    before = "none" if before is None else before
    return InputError(f"{given} contradicts the run in {options.out}, which had {before}; leave it out with --resume")
