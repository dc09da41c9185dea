"""What a run of training needs before it starts: its data, its recipe and its network (its folder: folder.py)."""

from dataclasses import replace
from pathlib import Path

from numpyssd.detector import Detector
from numpyssd.run.large_batches import for_large_batch, large_batch_in_words
from numpyssd.run.recipes import Recipe, for_batch_size, for_length, presets, published, recipe_of
from numpyssd.run.variants import with_variants

TINY_COUNTS = {"train": 3000, "test": 200}


def load_data(options):
    """Return the training set and the set that chooses the best weights (or None)."""
    if options.tiny:
        from numpyssd.datasets.shapes import ShapesDataset

        train, test = TINY_COUNTS["train"], TINY_COUNTS["test"]
        print(f"rendering {train} training and {test} held-out images of the built-in set ...", flush=True)
        return ShapesDataset(train), ShapesDataset(test, split="test")
    from numpyssd.run.data import load_photographs

    return load_photographs(options)


def make_recipe(options, images: int | None = None):
    """Return the recipe of the preset with the options of the command line put in.

    images: how many there are to train on; with them the warm-up of large batches is long (large_batches.py), and a
    line says so.
    """
    recipe = recipe_of(options.detector, options.preset)
    if options.schedule:
        recipe = published(recipe, options.schedule)
    before = recipe
    if options.batch_size and images:
        recipe = for_large_batch(recipe, options.batch_size, images)
    elif options.batch_size:
        recipe = for_batch_size(recipe, options.batch_size)
    if options.iterations or options.epochs:
        recipe = for_length(recipe, options.iterations, options.epochs)
    names = ("fit_default_boxes", "warm_up", "micro_batch", "clip_gradient")
    given = {name: getattr(options, name) for name in names}
    recipe = replace(recipe, **{name: value for name, value in given.items() if value is not None})
    recipe = replace(recipe, lr=options.lr or recipe.lr, clip_gradient=recipe.clip_gradient or None)
    if images and (words := large_batch_in_words(before, recipe, images)):
        print(words)
    return with_variants(recipe, options)


def make_detector(options, train, recipe: Recipe) -> Detector:
    """Return a new detector for the classes of the training set, with the weights that training starts from.

    Its config is the preset's but for what the options change, and for how the weights want their images.
    """
    from numpyssd.detectors import new_detector
    from numpyssd.training.class_losses import start_with_background
    from numpyssd.weights.recognize import stored_input_rule

    config = replace(presets(options.detector)[options.preset], num_classes=len(train.class_names) + 1)
    if options.width:
        config = replace(config, width=options.width)
    if recipe.fit_default_boxes:
        config = fitted(config, train)
    if options.resume:  # third-party weights brought their own preprocessing, which went into the checkpoint
        config = replace(config, **stored_input_rule(options.out / "last.npz"))
    detector = new_detector(config, options.seed, recipe.matching, recipe.loss)
    detector.model.class_names = tuple(train.class_names)
    if recipe.loss.get("focal_gamma"):
        start_with_background(detector.model)
    if not options.resume:  # last.npz has gone on from there
        start(detector.model, options, recipe)
    return detector


def start(model, options, recipe: Recipe):
    """Load the weights of --weights into a new model where they fit, or else those that the recipe starts from.

    Which they were is in ``options.weights`` afterwards.
    """
    from numpyssd.datasets.splits.record import digest
    from numpyssd.weights import load
    from numpyssd.weights.built_in import FILES, RANDOM

    width = presets(options.detector)[options.preset].width
    if options.weights and options.weights != RANDOM:
        print(f"weights from {options.weights}:\n{load(model, options.weights)}")
        options.weights_digest = digest(options.weights) if Path(options.weights).is_file() else None
    elif options.weights or not recipe.weights:
        options.weights = RANDOM
    elif model.config.width == width:
        load(model, FILES[recipe.weights])
        options.weights = recipe.weights
        print(f"starting from the weights {recipe.weights}, which come with numpyssd (--weights {RANDOM}: without)")
    else:
        options.weights = RANDOM
        print(f"starting from random weights: {recipe.weights} is for --width {width:g}")


def fitted(config, train):
    """Return the config with default boxes that suit the training objects, and say what that brings."""
    from numpyssd.datasets.analysis.best_iou import coverage_table
    from numpyssd.datasets.analysis.coverage import all_objects
    from numpyssd.datasets.analysis.fit_default_boxes import fit_default_boxes

    objects = all_objects(train)
    after = fit_default_boxes(objects, config)
    print(coverage_table(train.class_names, objects, config, after))
    return after
