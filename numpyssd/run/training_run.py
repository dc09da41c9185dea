"""A run of training on disk: what the training loop shows, logs, evaluates and saves on its way (training/loop.py).

It writes last.npz, best.npz and log.csv into a folder, and goes on from last.npz. A signal ends it between two steps.
"""

import contextlib
from functools import partial
from pathlib import Path

from numpyssd.console import counted
from numpyssd.datasets.dataset import Dataset
from numpyssd.detector import Detector, Losses
from numpyssd.inference.evaluate import evaluate
from numpyssd.ranks.drift import refuse_drift
from numpyssd.ranks.evaluation import detect_on_ranks
from numpyssd.run.checkpoints import Checkpoints
from numpyssd.run.gradient_report import report_gradients
from numpyssd.run.log import Log
from numpyssd.run.progress import Progress
from numpyssd.run.recipes import Recipe
from numpyssd.run.state import State
from numpyssd.run.stopping import Stopping
from numpyssd.training.batches import Batches
from numpyssd.training.loop import train
from numpyssd.training.nonfinite import Diverged, NonFinite, first_nonfinite_weight
from numpyssd.training.one_process import ALONE, OneProcess
from numpyssd.training.schedule import Schedule
from numpyssd.training.weight_average import averaged, make_optimizer

LOG_EVERY = 10  # iterations


class TrainingRun:
    """One run: a detector, its batches and a recipe, and the folder ``out`` for what it leaves.

    val: the data set that chooses best.npz, or None. minutes: the time that the run has, or None. report: whether
    gradients.csv is written too. ranks: the processes that train together (numpyssd/ranks); rank 0 alone writes.
    """

    def __init__(
        self,
        detector: Detector,
        batches: Batches,
        recipe: Recipe,
        out: Path | str,
        val: Dataset | None = None,
        minutes: float | None = None,
        report: bool = False,
        ranks: OneProcess = ALONE,
    ):
        self.detector, self.batches, self.recipe, self.out, self.val = detector, batches, recipe, Path(out), val
        self.model, self.ranks = detector.model, ranks
        self.schedule, self.minutes, self.report = Schedule(recipe, len(batches.dataset), minutes), minutes, report
        self.optimizer = make_optimizer(self.model, recipe)
        self.state, self.checkpoints = State(), Checkpoints(self.out, self.model, self.optimizer, ranks)
        self.progress: Progress | None = None  # this and the next two are open while run() trains
        self.log: Log | None = None
        self.stopping: Stopping | None = None

    @property
    def iterations(self) -> int:
        """The length of the whole run."""
        return self.schedule.iterations

    def resume(self):
        """Go on from last.npz in the folder ``out``."""
        self.state = self.checkpoints.load_last()
        self.schedule.start(self.state.seconds)
        # A run that is made longer has its evaluations spread over the new length.
        due = self.schedule.evaluations(self.schedule.fraction(self.state.iteration))
        self.state.evaluations = min(self.state.evaluations, due)

    def finished(self) -> bool:
        """Return whether a resumed run had come to its end already, with its last evaluation."""
        evaluated = self.val is None or self.state.evaluations == self.recipe.evaluations
        return self.schedule.fraction(self.state.iteration) >= 1 and evaluated

    def run(self) -> State:
        """Train to the end of the schedule or of the time, and return the state.

        Ctrl-C, SIGTERM and SIGHUP save last.npz before they go on as KeyboardInterrupt. Raises InputError if a number
        is not finite, an image cannot be read, or a file cannot be written.
        """
        first = self.state.iteration
        self.checkpoints.start()
        self.schedule.start(self.state.seconds)
        progress = Progress(first, self.iterations, self.recipe.batch_size, self.minutes)
        with self._open_log(first) as self.log, contextlib.closing(progress) as self.progress, Stopping() as stopping:
            self.stopping = stopping
            try:
                self._train()
            except NonFinite as reason:
                raise self._diverged(self.state.iteration, reason) from None
            except Diverged:
                raise
            except BaseException:  # Ctrl-C, an image that cannot be read, a terminal that is gone
                self._save_and_say_so()
                raise
            self.save_last()
            self.check_for_stop()
        self.state.seconds = self.schedule.seconds()
        self.schedule.start(self.state.seconds)
        return self.state

    def _open_log(self, first):
        if not self.ranks.first:
            return contextlib.nullcontext()
        self.out.mkdir(parents=True, exist_ok=True)
        return contextlib.closing(Log(self.out / "log.csv", first if first else None))

    def _train(self):
        if self.ranks.size > 1:
            self._agree()
        if self.schedule.fraction(self.state.iteration) < 1:
            options = {"micro_batch": self.recipe.micro_batch, "clip_gradient": self.recipe.clip_gradient}
            options |= {"ranks": self.ranks}
            train(self.detector, self.batches, self.optimizer, self.schedule, self, **options)
        elif not self.finished():  # all that is missing is the last evaluation
            self.evaluate_and_save(1.0)

    def _agree(self) -> bool:
        """Let all ranks go by the clock of rank 0; return whether one of them was asked to stop."""
        self.checkpoints.go_by(None)
        own = self.stopping.requested, self.schedule.seconds(), self.checkpoints.due()
        requested, seconds, save_due = zip(*self.ranks.gather([own]))
        self.schedule.go_by(seconds[0])
        self.checkpoints.go_by(save_due[0])
        return any(number is not None for number in requested)

    # ---- what the training loop calls by name -----------------------------------------------------------------------

    def check_for_stop(self):
        """Raise KeyboardInterrupt if a signal to stop has come, to whichever rank."""
        if self.ranks.size == 1:
            self.stopping.check()
        elif self._agree():
            raise KeyboardInterrupt

    def show(self, losses: Losses, fraction: float):
        """Show the losses of a step, and how much of the run is done."""
        self.progress.update(self.state.iteration, losses, fraction)

    def log_step(self, losses: Losses, gradient_norm: float):
        """Add a row to log.csv every LOG_EVERY iterations."""
        if (self.state.iteration - 1) % LOG_EVERY == 0:
            self._log(loss=losses.total, **losses._asdict(), gradient_norm=gradient_norm)

    def evaluate_and_save(self, fraction: float):
        """Evaluate on the validation images when it is due, keep the best weights, and save then and every minute."""
        evaluations = self.schedule.evaluations(fraction)
        due = fraction >= 1 or evaluations > self.state.evaluations
        if not due and not self.checkpoints.due():
            return
        self._check_weights()
        if self.ranks.size > 1:
            refuse_drift(self.ranks, self.model, self.state.iteration)
        if self.report and due and self.ranks.first:
            report_gradients(self.out, self.state.iteration, self.optimizer)
        if self.val is not None and due:
            with averaged(self.optimizer):
                detect = partial(detect_on_ranks, self.ranks)
                result = evaluate(self.detector, self.val, progress=self.stopping.watch, detect=detect)
                mean = float(result.mean)
                words = f"mAP {mean:.3f} on {counted(len(self.val), 'validation image')}"
                self.progress.say(f"iteration {self.state.iteration}: {words}")
                self._log(val_map=mean)
                self.checkpoints.keep_best(self.state, mean)
        if due:
            self.state.evaluations = evaluations
        self.save_last()

    def save_last(self):
        """Write last.npz. Raises InputError if it cannot be written, or a weight is not finite."""
        self._check_weights()
        self.state.seconds = self.schedule.seconds()
        self.checkpoints.save_last(self.state)

    # ---- how it ends ------------------------------------------------------------------------------------------------

    def _save_and_say_so(self):
        """Save last.npz for a run that ends early, and tell where to go on; a second Ctrl-C leaves it as it was."""
        said = f"stopped after {self.state.iteration} iterations; {self.checkpoints.in_words()}"
        try:
            self.save_last()
            said = f"stopped after {self.state.iteration} iterations; saved, go on with --resume"
        finally:
            with contextlib.suppress(OSError):
                self.progress.say(said)

    def _check_weights(self):
        """Stop before weights are saved that are not finite: a step may have been too long for float32."""
        if what := first_nonfinite_weight(self.model):
            raise self._diverged(self.state.iteration - 1, NonFinite(what))

    def _diverged(self, iteration, reason):
        what = reason.what if reason.image is None else reason.what.format(self.batches.name(reason.image))
        checkpoint = None if self.checkpoints.iteration is None else self.checkpoints.last
        return Diverged(iteration, what, self.optimizer.lr, checkpoint)

    def _log(self, **values):
        """Add a row to log.csv with the clock, the rate and the speed (of the whole run so far) filled in."""
        if self.log is None:  # rank 0 writes it
            return
        iteration, seconds = self.state.iteration, self.schedule.seconds()
        images = iteration * self.recipe.batch_size
        self.log.add(
            iteration=iteration, epoch=images / len(self.batches.dataset), seconds=seconds, lr=self.optimizer.lr,
            images_per_second=images / seconds if seconds else None, **values,  # None: the clock has not ticked yet
        )  # fmt: skip
