"""How far a run of training has come, by its iterations or by the clock, and which learning rate belongs there."""

import math
import time

from numpyssd.training import optimizer as schedules

WARM_UP_SHARE = 0.2  # of the run; a warm-up that is longer, because the run is short, is cut to it


class Pace:
    """The clock of a run by a recipe over so many images, which ends after ``minutes`` at the latest."""

    def __init__(self, recipe, images, minutes=None):
        self.recipe, self.limit = recipe, minutes * 60 if minutes else math.inf
        self.iterations = recipe.iterations or max(1, round(recipe.epochs * (images / recipe.batch_size)))
        self.start(0.0)

    def start(self, seconds):
        """Let the clock go on from so many seconds, those of the earlier parts of the run."""
        self.earlier, self.started = seconds, time.monotonic()

    def seconds(self):
        """Return how long this run has taken, earlier parts included."""
        return self.earlier + time.monotonic() - self.started

    def share(self, iteration):
        """Return how much of the run is done: by iterations, or by time if that runs out sooner."""
        return min(1.0, max(iteration / self.iterations, self.seconds() / self.limit))

    def evaluations(self, share):
        """Return how many evaluations belong to a share of the run."""
        return int(share * self.recipe.evaluations + 1e-9)

    def learning_rate(self, iteration):
        """Return the rate of an iteration: the warm-up, then the schedule, which runs as fast as the time runs out."""
        recipe, at = self.recipe, iteration
        if self.limit < math.inf:
            at = max(iteration, self.share(iteration) * self.iterations)
        risen = max((iteration + 1) / (recipe.warm_up + 1), at / (WARM_UP_SHARE * self.iterations))
        options = {"drops": recipe.drops} if recipe.schedule == "multistep" else {}
        return min(1.0, risen) * getattr(schedules, recipe.schedule)(at, self.iterations, recipe.lr, **options)
