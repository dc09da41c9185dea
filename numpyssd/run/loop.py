"""The training loop (paper, section 3): batch, forward, loss, backward, step; and what is saved along the way."""

import math
import time
from pathlib import Path

from numpyssd.errors import InputError
from numpyssd.run.checkpoint import resume, save_checkpoint
from numpyssd.run.evaluation import evaluate
from numpyssd.run.log import Log
from numpyssd.run.nonfinite import first_nonfinite, first_nonfinite_gradient
from numpyssd.run.progress import Progress
from numpyssd.training import optimizer as schedules
from numpyssd.training.multibox_loss import multibox_loss
from numpyssd.training.optimizer import SGD
from numpyssd.weights import save

LOG_EVERY = 10  # iterations
CHECKPOINT_SECONDS = 60


class Training:
    """One run: a model, its batches and a recipe, writing last.npz, best.npz and log.csv into the folder ``out``."""

    def __init__(self, model, batches, recipe, out, val=None, minutes=None):
        self.model, self.batches, self.recipe, self.out, self.val = model, batches, recipe, Path(out), val
        self.limit = minutes * 60 if minutes else math.inf
        per_epoch = len(batches.dataset) / recipe.batch_size
        self.iterations = recipe.iterations or max(1, round(recipe.epochs * per_epoch))
        self.optimizer = SGD(model.parameters(), recipe.lr, recipe.momentum, recipe.weight_decay)
        self.state = {"iteration": 0, "seconds": 0.0, "best_map": None, "best_iteration": None}

    def resume(self):
        """Go on from last.npz in the folder ``out``."""
        self.state = resume(self.out / "last.npz", self.model, self.optimizer)

    def seconds(self):
        """Return how long this run has taken, earlier parts included."""
        return self.state["seconds"] + time.monotonic() - self.started

    def share(self, iteration):
        """Return how much of the run is done: by iterations, or by time if that runs out sooner."""
        return min(1.0, max(iteration / self.iterations, self.seconds() / self.limit))

    def run(self):
        """Train to the end of the schedule or of the time, and return the state.

        Ctrl-C saves last.npz before it goes on as KeyboardInterrupt. Raises InputError if a number is not finite.
        """
        first = self.state["iteration"]
        self.started = self.saved = time.monotonic()
        self.evaluated = self.share(first)
        self.log = Log(self.out / "log.csv", first if first else None)
        self.progress = Progress(first, self.iterations, self.recipe.batch_size, self.limit / 60)
        try:
            for iteration, batch in enumerate(self.batches.stream(first, self.iterations), start=first):
                self.model.training = True
                loss, parts, norm = self.step(iteration, batch)
                self.done = iteration + 1
                self.progress.update(iteration, loss, parts, self.share(self.done))
                if iteration % LOG_EVERY == 0:
                    self.write_log(loss=loss, **parts._asdict(), gradient_norm=norm)
                self.evaluate_and_save()
                if self.share(self.done) >= 1:
                    break
        except KeyboardInterrupt:
            self.save_last()
            self.progress.say(f"stopped at iteration {self.done}; saved, go on with --resume")
            raise
        finally:
            self.progress.close()
            self.log.close()
        self.save_last()
        return self.state

    def step(self, iteration, batch):
        """Do one iteration; return the loss, its parts and the length of the gradient."""
        schedule = getattr(schedules, self.recipe.schedule)
        effective = max(iteration, self.share(iteration) * self.iterations) if self.limit < math.inf else iteration
        warm_up = self.recipe.warm_up if iteration < self.recipe.warm_up else 0
        at = iteration if warm_up else effective
        self.optimizer.lr = schedule(at, self.iterations, self.recipe.lr, warm_up)
        loc, conf = self.model.forward(batch.images)
        if not (math.isfinite(loc.sum()) and math.isfinite(conf.sum())):
            self.stop(iteration, first_nonfinite(self.model, batch))
        loss, dloc, dconf, parts = multibox_loss(loc, conf, batch.loc_targets, batch.conf_targets)
        if not math.isfinite(loss):
            self.stop(iteration, first_nonfinite(self.model, batch))
        self.model.backward(dloc, dconf)
        norm = self.optimizer.gradient_norm()
        if not math.isfinite(norm):
            self.stop(iteration, f"the gradient of {first_nonfinite_gradient(self.model)}")
        self.optimizer.step()
        return float(loss), parts, norm

    def stop(self, iteration, culprit):
        """Stop before anything that is not finite reaches the weights; the last checkpoint stays as it is."""
        raise InputError(
            f"training stopped at iteration {iteration}: {culprit} is not finite; lower the learning rate with --lr "
            f"(now {self.optimizer.lr:g}) or look at the data with python -m numpyssd.explore; {self.out / 'last.npz'} "
            "is the last good checkpoint"
        )

    def evaluate_and_save(self):
        """Evaluate on the validation images when it is time to, keep the best, and save every minute."""
        share = self.share(self.done)
        due = share >= 1 or share - self.evaluated >= 1 / self.recipe.evaluations
        if self.val is not None and due:
            self.evaluated = share
            mean = float(evaluate(self.model, self.val).mean)
            self.progress.say(f"iteration {self.done}: mAP {mean:.3f} on the {len(self.val)} validation images")
            self.write_log(val_map=mean)
            if self.state["best_map"] is None or not mean <= self.state["best_map"]:
                self.state |= {"best_map": mean, "best_iteration": self.done}
                save(self.model, self.out / "best.npz", iteration=self.done, validation_map=mean)
        if due or time.monotonic() - self.saved > CHECKPOINT_SECONDS:
            self.save_last()

    def save_last(self):
        """Write last.npz."""
        done = getattr(self, "done", self.state["iteration"])
        save_checkpoint(
            self.out / "last.npz", self.model, self.optimizer,
            {**self.state, "iteration": done, "seconds": self.seconds()},
        )  # fmt: skip
        self.saved = time.monotonic()

    def write_log(self, **values):
        """Add a row to log.csv with the clock, the rate and the speed filled in."""
        seconds = self.seconds()
        self.log.add(
            iteration=self.done, epoch=self.done * self.recipe.batch_size / len(self.batches.dataset),
            seconds=seconds, lr=self.optimizer.lr, images_per_second=self.done * self.recipe.batch_size / seconds,
            **values,
        )  # fmt: skip
