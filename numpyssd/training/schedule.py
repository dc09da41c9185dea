"""How far a run of training has come, by its iterations or by the clock, and which learning rate belongs there."""

import math
import time

from numpyssd.training import optimizer as schedules

MAX_WARM_UP = 0.2  # of the run; a warm-up that is longer, because the run is short, is cut to it


class Schedule:
    """The length and the learning rate of a run: those of a recipe, for so many images.

    minutes: the run ends after them at the latest, and its rate falls as fast as the time runs out.
    """

    def __init__(self, recipe, images: int, minutes: float | None = None):
        self.recipe, self.limit = recipe, minutes * 60 if minutes else math.inf
        by_epochs = round((recipe.epochs or 0) * (images / recipe.batch_size))
        self.iterations = recipe.iterations or max(1, by_epochs, recipe.min_iterations)
        self.told: float | None = None
        self.start(0.0)

    def start(self, seconds: float):
        """Start the clock at so many seconds, those of the earlier parts of the run."""
        self.earlier, self.started, self.told = seconds, time.monotonic(), None

    def go_by(self, seconds: float):
        """Take the time from another clock, until the next call: several ranks go by one."""
        self.told = seconds

    def seconds(self) -> float:
        """Return how long this run has taken, earlier parts included."""
        return self.earlier + time.monotonic() - self.started

    def fraction(self, iteration: int) -> float:
        """Return how much of the run is done, 0 to 1: by iterations, or by time if that runs out sooner."""
        seconds = self.seconds() if self.told is None else self.told
        return min(1.0, max(iteration / self.iterations, seconds / self.limit))

    def evaluations(self, fraction: float) -> int:
        """Return how many evaluations are due once this fraction of the run is done."""
        return int(fraction * self.recipe.evaluations + 1e-9)

    def learning_rate(self, iteration: int) -> float:
        """Return the rate of an iteration: the warm-up, then multistep or cosine (training/optimizer.py)."""
        recipe, at = self.recipe, iteration
        if self.limit < math.inf:
            at = max(iteration, self.fraction(iteration) * self.iterations)
        warm_up = max((iteration + 1) / (recipe.warm_up + 1), at / (MAX_WARM_UP * self.iterations))
        options = {"drops": recipe.drops} if recipe.schedule == "multistep" else {}
        return min(1.0, warm_up) * getattr(schedules, recipe.schedule)(at, self.iterations, recipe.lr, **options)
