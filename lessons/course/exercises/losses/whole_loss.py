"""Exercise whole_loss of lesson 10: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def whole_loss(loc_losses, conf_losses, positive, negative):
    total = conf_losses[positive | negative].sum() + loc_losses[positive].sum()
    return total / max(1, positive.sum())


def whole_loss_no_floor(loc_losses, conf_losses, positive, negative):
    total = conf_losses[positive | negative].sum() + loc_losses[positive].sum()
    with np.errstate(all="ignore"):
        return np.divide(total, positive.sum())


def whole_loss_all_conf(loc_losses, conf_losses, positive, negative):
    total = conf_losses.sum() + loc_losses[positive].sum()
    return total / max(1, positive.sum())


def whole_loss_loc_of_negatives(loc_losses, conf_losses, positive, negative):
    trained = positive | negative
    return (conf_losses[trained].sum() + loc_losses[trained].sum()) / max(1, positive.sum())


def whole_loss_by_trained(loc_losses, conf_losses, positive, negative):
    total = conf_losses[positive | negative].sum() + loc_losses[positive].sum()
    return total / max(1, (positive | negative).sum())


def whole_loss_mean_of_four(loc_losses, conf_losses, positive, negative):
    total = conf_losses[positive | negative].sum() + loc_losses[positive].sum() / 4
    return total / max(1, positive.sum())


def whole_loss_each_its_own(loc_losses, conf_losses, positive, negative):
    trained = positive | negative
    conf = conf_losses[trained].sum() / max(1, trained.sum())
    return conf + loc_losses[positive].sum() / max(1, positive.sum())


def whole_loss_by_all_boxes(loc_losses, conf_losses, positive, negative):
    return (conf_losses[positive | negative].sum() + loc_losses[positive].sum()) / len(positive)


def whole_loss_not_divided(loc_losses, conf_losses, positive, negative):
    return conf_losses[positive | negative].sum() + loc_losses[positive].sum()


def whole_loss_conf_divided(loc_losses, conf_losses, positive, negative):
    return conf_losses[positive | negative].sum() / max(1, positive.sum()) + loc_losses[positive].sum()


def whole_loss_loc_divided(loc_losses, conf_losses, positive, negative):
    return conf_losses[positive | negative].sum() + loc_losses[positive].sum() / max(1, positive.sum())


def whole_loss_no_negatives(loc_losses, conf_losses, positive, negative):
    return (conf_losses[positive].sum() + loc_losses[positive].sum()) / max(1, positive.sum())


def whole_loss_no_positives(loc_losses, conf_losses, positive, negative):
    return (conf_losses[negative].sum() + loc_losses[positive].sum()) / max(1, positive.sum())


def whole_loss_no_offsets(loc_losses, conf_losses, positive, negative):
    return conf_losses[positive | negative].sum() / max(1, positive.sum())


def whole_loss_all_offsets(loc_losses, conf_losses, positive, negative):
    return (conf_losses[positive | negative].sum() + loc_losses.sum()) / max(1, positive.sum())


def whole_loss_of_everything(loc_losses, conf_losses, positive, negative):
    return (conf_losses.sum() + loc_losses.sum()) / max(1, positive.sum())


def whole_loss_means(loc_losses, conf_losses, positive, negative):
    conf, loc = conf_losses[positive | negative], loc_losses[positive]
    return (conf.mean() if conf.size else 0) + (loc.mean() if loc.size else 0)


def batches():
    cases = []
    for positive, negative in (
        ([1, 0, 0, 0], [0, 1, 0, 0]),
        ([1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0]),
        ([0, 0, 0], [0, 0, 0]),  # no object in the whole batch
        ([1, 0, 1, 0, 0, 0, 0, 1], [0, 1, 0, 1, 1, 0, 0, 0]),
    ):
        numbers = np.random.default_rng(len(positive)).integers(1, 9, (5, len(positive))).astype(float)
        cases.append((numbers[:4].T, numbers[4], np.array(positive, bool), np.array(negative, bool)))
    return cases


EXERCISE = Exercise(
    question="Return the loss of a batch from the losses of its default boxes and which of them are trained.",
    answer=whole_loss,
    cases=batches,
    hints=(
        "Confidence counts at the positives and the negatives, location at the positives alone.",
        "Both sums are divided by the number of positives, and by 1 if there are none.",
    ),
    mistakes={
        "no floor": Mistake(
            whole_loss_no_floor, "a batch without objects divides 0 by 0: NaN. Divide by max(1, positives)."
        ),
        "all": Mistake(
            whole_loss_all_conf,
            "you sum the confidence of all default boxes; only the chosen ones are trained.",
            variants=(whole_loss_of_everything,),
        ),
        "negatives' offsets": Mistake(
            whole_loss_loc_of_negatives,
            "offsets count at the positives alone. Another default box has no object, and so no target offsets.",
            variants=(whole_loss_all_offsets,),
        ),
        "by all trained": Mistake(
            whole_loss_by_trained, "the sums are divided by the positives, not by all that are trained."
        ),
        "mean of four": Mistake(
            whole_loss_mean_of_four,
            "you average over the four offsets, which makes alpha 0.25 (as sgrvinod's tutorial does). Sum them.",
        ),
        "each its own": Mistake(
            whole_loss_each_its_own,
            "you divide each part by its own number. Both sums are divided by the number of positives.",
            variants=(whole_loss_means,),
        ),
        "by all boxes": Mistake(
            whole_loss_by_all_boxes, "you divide by the number of all default boxes. Divide by the positives."
        ),
        "one part not divided": Mistake(
            whole_loss_conf_divided,
            "only one of the two sums is divided by the positives: set brackets around both.",
            variants=(whole_loss_loc_divided,),
        ),
        "not divided": Mistake(whole_loss_not_divided, "the division by the number of positives is missing."),
        "no negatives": Mistake(
            whole_loss_no_negatives, "the confidence of the chosen negatives is missing: they are trained, too."
        ),
        "no positives": Mistake(
            whole_loss_no_positives, "the confidence of the positives is missing. It counts at both."
        ),
        "no offsets": Mistake(whole_loss_no_offsets, "the location loss is missing."),
    },
)
