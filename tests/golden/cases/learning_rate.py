"""Learning rates at the iterations where a schedule turns."""

from tests.golden.cases.common import case
from tests.golden.rules.learning_rate import cosine, multistep


def rate_case(name, schedule, at, iterations, lr, warm_up=0, why=None):
    """Return a case with the rates at some iterations."""
    inputs = {"schedule": schedule.__name__, "at": at, "iterations": iterations, "lr": lr, "warm_up": warm_up}
    return case(name, inputs, {"lr": [schedule(i, iterations, lr, warm_up) for i in at]}, {"float64": 1e-12}, why)


def make():
    """Return what goes into learning_rate.json."""
    turns = [0, 79999, 80000, 99999, 100000, 119999]
    return {
        "what": "the learning rate at some iterations, counted from 0",
        "source": "Caffe ssd_pascal.py: 1e-3, a tenth at 80,000 and at 100,000 of 120,000, batches of 32",
        "units": "iterations; lr as a factor of the gradient",
        "cases": [
            rate_case(
                "as released for VOC", multistep, turns, 120000, 1e-3, why="2/3 and 5/6 of the run, to the iteration"
            ),
            rate_case("a run of other length", multistep, [0, 199, 200, 249, 250, 299], 300, 4e-3),
            rate_case("with a warm-up", multistep, [0, 1, 4, 9, 10, 100], 120, 0.01, 10),
            rate_case("cosine", cosine, [0, 25, 50, 75, 99, 100], 100, 0.01),
            rate_case("cosine with a warm-up", cosine, [0, 9, 10, 55, 99], 100, 0.01, 10),
        ],
    }
