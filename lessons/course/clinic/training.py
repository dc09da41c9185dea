"""Train one case of the clinic with the library's own pieces, and write down what can be seen from outside."""

from dataclasses import replace

from lessons.course.clinic.faults import ClinicDetector, data_of
from lessons.course.clinic.looks import ends, mean_ap, positives_per_object, short, step_by_weight, weights_of
from numpyssd.model.ssd import SSD
from numpyssd.training.batches import Batches
from numpyssd.training.loop import train_step
from numpyssd.training.nonfinite import NonFinite
from numpyssd.training.optimizer import SGD
from numpyssd.training.schedule import Schedule

MAPS = 8  # evaluations of a run, and looks at its steps
EARLY = (1, 5, 10, 20)  # iterations after which the steps are looked at, too


def prepared(case, seed=0, train=None):
    """Return the detector, the batches, the optimizer and the schedule of a case, ready for the first step."""
    train, recipe = train or data_of(case)[0], case.recipe
    detector = ClinicDetector(SSD(case.config, seed=seed), case)
    config = replace(case.config, mean=case.training_mean) if case.training_mean else case.config
    options = {"seed": seed, **recipe.augmentation}
    batches = Batches(train, config, detector.make_targets, recipe.batch_size, **options)
    optimizer = SGD(detector.model.parameters(), recipe.lr, recipe.momentum, recipe.weight_decay)
    return detector, batches, optimizer, Schedule(recipe, len(train))


def steps(detector, batches, optimizer, schedule, count):
    """Do ``count`` steps, and yield the Losses and the norm of the gradient after each; NonFinite goes through."""
    detector.model.training = True
    for t in range(count):
        optimizer.lr = schedule.learning_rate(t)
        yield train_step(detector, optimizer, batches.batch(t))


def train_case(case, seed=0, say=print):
    """Train a case to its end, or to the first number that is not finite; return its record, a dictionary."""
    train, val, test = data_of(case)
    detector, batches, optimizer, schedule = prepared(case, seed, train)
    every = schedule.iterations // MAPS
    columns = {name: [] for name in ("loc", "conf", "positives", "gradient_norm")}
    record = {
        "name": case.name,
        "seed": seed,
        "iterations": schedule.iterations,
        "stopped": "",
        "maps": [],
        "steps": [],
    }
    try:
        for losses, norm in steps(detector, batches, optimizer, schedule, schedule.iterations):
            for name, value in zip(columns, (losses.loc, losses.conf, losses.positives, norm)):
                columns[name].append(short(value))
            done = len(columns["loc"])
            if done in EARLY or done % every == 0:
                record["steps"].append([done, [short(ratio) for ratio in step_by_weight(optimizer)]])
            if done % every == 0:
                record["maps"].append([done, short(mean_ap(detector, val))])
                say(
                    f"{case.name} {done}: loc {losses.loc:.3f}, conf {losses.conf:.3f}, mAP {record['maps'][-1][1]:.3f}"
                )
    except NonFinite as reason:
        record["stopped"] = f"iteration {len(columns['loc']) + 1}: {reason.what} is not finite"
        say(f"{case.name} {record['stopped']}")
    record |= columns
    record["layers"] = [name.removesuffix(".weight") for name in weights_of(optimizer)]
    record["positives_per_object"] = short(positives_per_object(detector, train))
    return record if record["stopped"] else record | ends(detector, train, val, test)
