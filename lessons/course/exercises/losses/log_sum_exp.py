"""Exercise log_sum_exp of lesson 10: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def log_sum_exp(logits):
    largest = logits.max(axis=1, keepdims=True)  # (N, 1)
    return np.log(np.exp(logits - largest).sum(axis=1)) + largest[:, 0]


def log_sum_exp_of_all(logits):
    with np.errstate(divide="ignore"):
        return np.log(np.exp(logits - logits.max()).sum(axis=1)) + logits.max()


def log_sum_exp_plain(logits):
    with np.errstate(all="ignore"):
        return np.log(np.exp(logits).sum(axis=1))


def log_sum_exp_columns(logits):
    return log_sum_exp(logits.T)


def log_sum_exp_not_added(logits):
    return log_sum_exp(logits) - logits.max(axis=1)


def log_sum_exp_no_sum(logits):
    return logits.max(axis=1)


def log_sum_exp_mean(logits):
    return log_sum_exp(logits) - np.log(logits.shape[1])


def log_sum_exp_subtracted(logits):
    return log_sum_exp(logits) - 2 * logits.max(axis=1)


def log_sum_exp_one_number(logits):
    largest = logits.max()
    return np.log(np.exp(logits - largest).sum()) + largest


def log_sum_exp_no_log(logits):
    largest = logits.max(axis=1)
    return np.exp(logits - largest[:, None]).sum(axis=1) + largest


def log_sum_exp_softmax(logits):
    return logits - log_sum_exp(logits)[:, None]


def tables():
    rows = [
        [[0.0, 0.0]],
        [[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]],
        [[1000.0, 0.0], [0.0, 1.0], [-5.0, 2.0]],
        [[-1000.0, -1001.0, -1002.0], [900.0, 3.0, 901.0]],
    ]
    return [(np.array(logits),) for logits in rows]


EXERCISE = Exercise(
    question="Return log(sum(exp(row))) of each row of logits (N, C), which may be as large as 1000.",
    answer=log_sum_exp,
    cases=tables,
    hints=(
        "Subtract something from the row, and add it again in the end. What makes sure that exp neither overflows "
        "nor gives zeros only?",
        "logits.max(axis=1, keepdims=True): the maximum of each row, so that its largest exp is exactly 1.",
    ),
    mistakes={
        "of all": Mistake(
            log_sum_exp_of_all,
            "you subtract the maximum of the whole table: in every row that lies 750 below it (100 in float32) "
            "all exps are 0, and log(0) is -inf (amdegroot/ssd.pytorch, issues 85 and 483).",
        ),
        "plain": Mistake(log_sum_exp_plain, "exp(1000) is infinite, and exp(-1000) is 0. Subtract the row's maximum."),
        "columns": Mistake(log_sum_exp_columns, "you sum over the rows; a row is one default box, axis 1 its classes."),
        "not added": Mistake(log_sum_exp_not_added, "add the maximum again that you have subtracted."),
        "largest only": Mistake(log_sum_exp_no_sum, "this is the largest of each row. The sum of the exps is missing."),
        "mean": Mistake(log_sum_exp_mean, "this is the logarithm of the mean. It is that of the sum."),
        "subtracted again": Mistake(
            log_sum_exp_subtracted,
            "the largest is subtracted twice. It is subtracted inside, and added in the end.",
        ),
        "one number": Mistake(log_sum_exp_one_number, "you sum over the whole table. Each row has its own sum."),
        "no logarithm": Mistake(log_sum_exp_no_log, "the logarithm of the sum is missing."),
        "log-softmax": Mistake(
            log_sum_exp_softmax, "this is log-softmax. Wanted is what was subtracted from the logits."
        ),
    },
)
