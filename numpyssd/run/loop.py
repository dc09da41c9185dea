"""The training loop (paper, section 3): batch, forward, loss, backward, step; and what is saved along the way."""

import contextlib
import math
import time
import warnings
from pathlib import Path

from numpyssd.run.checkpoint import resume, save_checkpoint
from numpyssd.run.evaluation import evaluate
from numpyssd.run.log import Log
from numpyssd.run.nonfinite import NotFinite, first_nonfinite, first_nonfinite_gradient, first_nonfinite_weight
from numpyssd.run.progress import Progress
from numpyssd.run.stopping import Stopping
from numpyssd.training import optimizer as schedules
from numpyssd.training.multibox_loss import multibox_loss
from numpyssd.training.optimizer import SGD
from numpyssd.weights import save

LOG_EVERY = 10  # iterations
CHECKPOINT_SECONDS = 60
WARM_UP_SHARE = 0.2  # of the run; a warm-up that is longer, because the run is short, is cut to it


class Training:
    """One run: a model, its batches and a recipe, writing last.npz, best.npz and log.csv into the folder ``out``."""

    def __init__(self, model, batches, recipe, out, val=None, minutes=None):
        self.model, self.batches, self.recipe, self.out, self.val = model, batches, recipe, Path(out), val
        self.limit = minutes * 60 if minutes else math.inf
        per_epoch = len(batches.dataset) / recipe.batch_size
        self.iterations = recipe.iterations or max(1, round(recipe.epochs * per_epoch))
        self.optimizer = SGD(model.parameters(), recipe.lr, recipe.momentum, recipe.weight_decay)
        self.state = {"iteration": 0, "seconds": 0.0, "best_map": None, "best_iteration": None, "evaluations": 0}
        self.done, self.started, self.has_checkpoint = 0, time.monotonic(), False

    def resume(self):
        """Go on from last.npz in the folder ``out``."""
        self.state |= resume(self.out / "last.npz", self.model, self.optimizer)
        self.done, self.started, self.has_checkpoint = self.state["iteration"], time.monotonic(), True
        # A run that is made longer has its evaluations spread over the new length.
        self.state["evaluations"] = min(self.state["evaluations"], self.evaluations(self.share(self.done)))

    def finished(self):
        """Return whether a resumed run had come to its end already, with its last evaluation."""
        return self.share(self.done) >= 1 and (self.val is None or self.state["evaluations"] == self.recipe.evaluations)

    def evaluations(self, share):
        """Return how many evaluations belong to a share of the run."""
        return int(share * self.recipe.evaluations + 1e-9)

    def seconds(self):
        """Return how long this run has taken, earlier parts included."""
        return self.state["seconds"] + time.monotonic() - self.started

    def share(self, iteration):
        """Return how much of the run is done: by iterations, or by time if that runs out sooner."""
        return min(1.0, max(iteration / self.iterations, self.seconds() / self.limit))

    def run(self):
        """Train to the end of the schedule or of the time, and return the state.

        Ctrl-C, SIGTERM and SIGHUP save last.npz before they go on as KeyboardInterrupt. Raises InputError if a number
        is not finite, an image cannot be read, or a file cannot be written.
        """
        first, self.started = self.done, time.monotonic()
        self.saved = self.started
        log = Log(self.out / "log.csv", first if first else None)
        minutes = self.limit / 60 if self.limit < math.inf else None
        progress = Progress(first, self.iterations, self.recipe.batch_size, minutes)
        with (
            contextlib.closing(log) as self.log,
            contextlib.closing(progress) as self.progress,
            Stopping() as self.stop,
        ):
            try:
                self.iterate(first)
            except NotFinite:
                raise
            except BaseException:  # Ctrl-C, an image that cannot be read, a terminal that is gone
                self.save_last()
                with contextlib.suppress(OSError):
                    self.progress.say(f"stopped after {self.done} iterations; saved, go on with --resume")
                raise
            self.save_last()
            self.stop.check()
        self.state |= {"iteration": self.done, "seconds": self.seconds()}
        self.started = time.monotonic()
        return self.state

    def iterate(self, first):
        """Do the iterations from ``first`` on until the share of the run that is done reaches 1."""
        if self.share(first) >= 1:  # all that is missing is the last evaluation
            return self.evaluate_and_save(1.0)
        for iteration, batch in enumerate(self.batches.stream(first, self.iterations), start=first):
            self.stop.check()
            self.model.training = True
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # what overflows is found and named by the step itself
                loss, parts, norm = self.step(iteration, batch)
            self.done = iteration + 1
            share = self.share(self.done)  # once: the clock goes on
            self.progress.update(iteration, loss, parts, share)
            if iteration % LOG_EVERY == 0:
                self.write_log(loss=loss, **parts._asdict(), gradient_norm=norm)
            self.evaluate_and_save(share)
            if share >= 1:
                break

    def learning_rate(self, iteration):
        """Return the rate of an iteration: the warm-up, then the schedule, which runs as fast as the time runs out."""
        recipe, at = self.recipe, iteration
        if self.limit < math.inf:
            at = max(iteration, self.share(iteration) * self.iterations)
        risen = max((iteration + 1) / (recipe.warm_up + 1), at / (WARM_UP_SHARE * self.iterations))
        return min(1.0, risen) * getattr(schedules, recipe.schedule)(at, self.iterations, recipe.lr)

    def step(self, iteration, batch):
        """Do one iteration; return the loss, its parts and the length of the gradient."""
        self.optimizer.lr = self.learning_rate(iteration)
        loc, conf = self.model.forward(batch.images)
        if not (math.isfinite(loc.sum()) and math.isfinite(conf.sum())):
            self.fail(iteration, first_nonfinite(self.model, batch, self.batches.name))
        loss, dloc, dconf, parts = multibox_loss(loc, conf, batch.loc_targets, batch.conf_targets, **self.recipe.loss)
        if not math.isfinite(loss):
            self.fail(iteration, first_nonfinite(self.model, batch, self.batches.name))
        self.model.backward(dloc, dconf)
        norm = self.optimizer.gradient_norm()
        if not math.isfinite(norm):
            self.fail(iteration, first_nonfinite_gradient(self.model))
        self.optimizer.step()
        return float(loss), parts, norm

    def fail(self, iteration, culprit):
        """Stop before anything that is not finite is saved; the last checkpoint stays as it is."""
        raise NotFinite(iteration, culprit, self.optimizer.lr, self.out / "last.npz" if self.has_checkpoint else None)

    def evaluate_and_save(self, share):
        """Evaluate on the validation images when it is time to, keep the best, and save then and every minute."""
        evaluations = self.evaluations(share)
        due = share >= 1 or evaluations > self.state["evaluations"]
        if not due and time.monotonic() - self.saved <= CHECKPOINT_SECONDS:
            return
        self.check_weights()
        if self.val is not None and due:
            mean = float(evaluate(self.model, self.val, progress=self.stop.watch).mean)
            self.progress.say(f"iteration {self.done}: mAP {mean:.3f} on the {len(self.val)} validation images")
            self.write_log(val_map=mean)
            if self.state["best_map"] is None or mean > self.state["best_map"]:
                # A mean over no class at all is NaN, which JSON does not have; then the latest is the best.
                best_map = mean if math.isfinite(mean) else None
                save(self.model, self.out / "best.npz", iteration=self.done, validation_map=best_map)
                self.state |= {"best_map": best_map, "best_iteration": self.done}
        if due:
            self.state["evaluations"] = evaluations
        self.save_last()

    def check_weights(self):
        """Stop if a weight is not finite: a step may have been too long for float32."""
        culprit = first_nonfinite_weight(self.model)
        if culprit:
            self.fail(self.done - 1, culprit)

    def save_last(self):
        """Write last.npz."""
        self.check_weights()
        state = {**self.state, "iteration": self.done, "seconds": self.seconds()}
        save_checkpoint(self.out / "last.npz", self.model, self.optimizer, state)
        self.saved, self.has_checkpoint = time.monotonic(), True

    def write_log(self, **values):
        """Add a row to log.csv with the clock, the rate and the speed (of the whole run so far) filled in."""
        seconds, images = self.seconds(), self.done * self.recipe.batch_size
        self.log.add(
            iteration=self.done, epoch=images / len(self.batches.dataset), seconds=seconds, lr=self.optimizer.lr,
            images_per_second=images / seconds, **values,
        )  # fmt: skip
