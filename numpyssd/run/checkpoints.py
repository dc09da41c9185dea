"""The files of a run that hold weights: last.npz, written at least every minute, and best.npz."""

import math
import time
from pathlib import Path

from numpyssd.errors import InputError
from numpyssd.ranks.setup import share_model, share_optimizer
from numpyssd.run.checkpoint import load_checkpoint, save_checkpoint
from numpyssd.run.state import State
from numpyssd.training.one_process import ALONE, OneProcess
from numpyssd.weights import save

CHECKPOINT_SECONDS = 60


class Checkpoints:
    """The checkpoints of a model and its optimizer in the folder ``out``.

    Of several ranks that train together rank 0 alone reads and writes them.
    """

    def __init__(self, out: Path, model, optimizer, ranks: OneProcess = ALONE):
        self.ranks = ranks
        self.model, self.optimizer, self.last, self.best = model, optimizer, out / "last.npz", out / "best.npz"
        self.iteration: int | None = None  # that last.npz is of; None: this run has written none
        self.saved, self.told = time.monotonic(), None

    def start(self):
        """Count CHECKPOINT_SECONDS from now on."""
        self.saved = time.monotonic()

    def due(self) -> bool:
        """Return whether last.npz is older than CHECKPOINT_SECONDS, or what ``go_by`` was told."""
        return time.monotonic() - self.saved > CHECKPOINT_SECONDS if self.told is None else self.told

    def go_by(self, due: bool | None):
        """Take it from another clock, until the next call: several ranks go by one. None: by one's own again."""
        self.told = due

    def load_last(self) -> State:
        """Load last.npz into model and optimizer, and return its state. Raises InputError if it does not fit."""
        state = self.ranks.from_first(lambda: load_checkpoint(self.last, self.model, self.optimizer))
        if self.ranks.size > 1:
            share_model(self.ranks, self.model)
            share_optimizer(self.ranks, self.optimizer)
        self.iteration = state.iteration
        return state

    def save_last(self, state: State):
        """Write last.npz. Raises InputError if it cannot be written; then the one before is still there."""
        try:
            if self.ranks.first:
                save_checkpoint(self.last, self.model, self.optimizer, state)
        except InputError as reason:  # the disk is full, for example
            raise InputError(f"{reason}; {self.in_words()}") from None
        self.saved, self.iteration = time.monotonic(), state.iteration

    def keep_best(self, state: State, mean: float):
        """Write best.npz if the mAP ``mean`` on the validation images is the best so far, and note it in the state."""
        if state.best_map is None or mean > state.best_map:
            # A mean over no class at all is NaN, which JSON does not have; then the latest is the best.
            best_map = mean if math.isfinite(mean) else None
            if self.ranks.first:
                save(self.model, self.best, iteration=state.iteration, validation_map=best_map)
            state.best_map, state.best_iteration = best_map, state.iteration

    def in_words(self) -> str:
        """Return what the last checkpoint is good for."""
        if self.iteration is None:
            return "nothing was saved before"
        return f"{self.last} is that of iteration {self.iteration}, go on with --resume"
