"""The training loop (paper, section 3): one batch, one step, until the run is done; and what is saved along the way."""

import contextlib
import math
import time
import warnings
from functools import partial
from pathlib import Path

from numpyssd.errors import InputError
from numpyssd.inference.detect import evaluate
from numpyssd.run.checkpoint import resume, save_checkpoint
from numpyssd.run.gradient_report import report_gradients
from numpyssd.run.log import Log
from numpyssd.run.progress import Progress
from numpyssd.run.stopping import Stopping
from numpyssd.training.device_step import sender
from numpyssd.training.nonfinite import NotFinite, first_nonfinite_weight
from numpyssd.training.optimizer import SGD
from numpyssd.training.schedule import Pace
from numpyssd.training.step import take_step
from numpyssd.weights import save

LOG_EVERY = 10  # iterations
CHECKPOINT_SECONDS = 60


class Training:
    """One run: a model, its batches and a recipe, writing last.npz, best.npz and log.csv into the folder ``out``."""

    def __init__(self, model, batches, recipe, out, val=None, minutes=None, report_gradients=False):
        self.model, self.batches, self.recipe, self.out, self.val = model, batches, recipe, Path(out), val
        self.pace, self.minutes = Pace(recipe, len(batches.dataset), minutes), minutes
        self.iterations = self.pace.iterations
        self.optimizer = SGD(model.parameters(), recipe.lr, recipe.momentum, recipe.weight_decay)
        self.state = {"iteration": 0, "seconds": 0.0, "best_map": None, "best_iteration": None, "evaluations": 0}
        self.done, self.has_checkpoint, self.report_gradients = 0, False, report_gradients

    def resume(self):
        """Go on from last.npz in the folder ``out``."""
        self.state |= resume(self.out / "last.npz", self.model, self.optimizer)
        self.done = self.saved_at = self.state["iteration"]
        self.has_checkpoint = True
        self.pace.start(self.state["seconds"])
        # A run that is made longer has its evaluations spread over the new length.
        due = self.pace.evaluations(self.pace.share(self.done))
        self.state["evaluations"] = min(self.state["evaluations"], due)

    def finished(self):
        """Return whether a resumed run had come to its end already, with its last evaluation."""
        evaluated = self.val is None or self.state["evaluations"] == self.recipe.evaluations
        return self.pace.share(self.done) >= 1 and evaluated

    def run(self):
        """Train to the end of the schedule or of the time, and return the state.

        Ctrl-C, SIGTERM and SIGHUP save last.npz before they go on as KeyboardInterrupt. Raises InputError if a number
        is not finite, an image cannot be read, or a file cannot be written.
        """
        first, self.saved = self.done, time.monotonic()
        self.pace.start(self.state["seconds"])
        log = Log(self.out / "log.csv", first if first else None)
        progress = Progress(first, self.iterations, self.recipe.batch_size, self.minutes)
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
                self.save_and_say_so()
                raise
            self.save_last()
            self.stop.check()
        self.state |= {"iteration": self.done, "seconds": self.pace.seconds()}
        self.pace.start(self.state["seconds"])
        return self.state

    def save_and_say_so(self):
        """Save last.npz for a run that ends early, and tell where to go on; a second Ctrl-C leaves it as it was."""
        said = f"stopped after {self.done} iterations; {self.before()}"
        try:
            self.save_last()
            said = f"stopped after {self.done} iterations; saved, go on with --resume"
        finally:
            with contextlib.suppress(OSError):
                self.progress.say(said)

    def before(self):
        """Return in words what the last checkpoint is good for."""
        if not self.has_checkpoint:
            return "nothing was saved before"
        return f"{self.out / 'last.npz'} is that of iteration {self.saved_at}, go on with --resume"

    def iterate(self, first):
        """Do the iterations from ``first`` on until the share of the run that is done reaches 1."""
        if self.pace.share(first) >= 1:  # all that may be missing is the last evaluation
            return None if self.finished() else self.evaluate_and_save(1.0)
        for iteration, batch in enumerate(self.batches.stream(first, self.iterations, sender()), start=first):
            self.stop.check()
            self.model.training = True
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # what overflows is found and named by the step itself
                loss, parts, norm = self.step(iteration, batch)
            self.done = iteration + 1
            share = self.pace.share(self.done)  # once: the clock goes on
            self.progress.update(iteration, loss, parts, share)
            if iteration % LOG_EVERY == 0:
                self.write_log(loss=loss, **parts._asdict(), gradient_norm=norm)
            self.evaluate_and_save(share)
            if share >= 1:
                break

    def step(self, iteration, batch):
        """Do one iteration; return the loss, its parts and the length of the gradient."""
        self.optimizer.lr = self.pace.learning_rate(iteration)
        fail, name = partial(self.fail, iteration), self.batches.name
        return take_step(self.model, self.optimizer, batch, self.recipe, fail, name)

    def fail(self, iteration, culprit):
        """Stop before anything that is not finite is saved; the last checkpoint stays as it is."""
        raise NotFinite(iteration, culprit, self.optimizer.lr, self.out / "last.npz" if self.has_checkpoint else None)

    def evaluate_and_save(self, share):
        """Evaluate on the validation images when it is time to, keep the best, and save then and every minute."""
        evaluations = self.pace.evaluations(share)
        due = share >= 1 or evaluations > self.state["evaluations"]
        if not due and time.monotonic() - self.saved <= CHECKPOINT_SECONDS:
            return
        self.check_weights()
        if self.report_gradients and due:
            report_gradients(self.out, self.done, self.optimizer)
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
        if culprit := first_nonfinite_weight(self.model):
            self.fail(self.done - 1, culprit)

    def save_last(self):
        """Write last.npz."""
        self.check_weights()
        state = {**self.state, "iteration": self.done, "seconds": self.pace.seconds()}
        try:
            save_checkpoint(self.out / "last.npz", self.model, self.optimizer, state)
        except InputError as reason:  # the disk is full, say
            raise InputError(f"{reason}; {self.before()}") from None
        self.saved, self.saved_at, self.has_checkpoint = time.monotonic(), self.done, True

    def write_log(self, **values):
        """Add a row to log.csv with the clock, the rate and the speed (of the whole run so far) filled in."""
        seconds, images = self.pace.seconds(), self.done * self.recipe.batch_size
        self.log.add(
            iteration=self.done, epoch=images / len(self.batches.dataset), seconds=seconds, lr=self.optimizer.lr,
            images_per_second=images / seconds, **values,
        )  # fmt: skip
