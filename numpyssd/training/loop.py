"""The training loop (paper, section 3) on one page: batch, forward, loss, backward, step, until the schedule ends.

``train`` is the loop, ``train_step`` one step of it, ``accumulate_gradients`` forward, loss and backward. The loss of a
detector is in its own file (``loss_and_gradients`` in ssd.py); the weights change in ``SGD.step`` (optimizer.py).
Several processes may share the batches: ``ranks`` are those; without them this one is alone (one_process.py).
docs/design.md lists every function that a step calls, from the image file to the changed weight.
"""

import math

import numpy as np

from numpyssd import kernels
from numpyssd.detector import Detector, Losses
from numpyssd.training.batches import Batch, Batches
from numpyssd.training.nonfinite import NonFinite, first_nonfinite, first_nonfinite_gradient
from numpyssd.training.one_process import ALONE, OneProcess
from numpyssd.training.optimizer import SGD
from numpyssd.training.running_averages import RunningAverages
from numpyssd.training.schedule import Schedule


def train(detector: Detector, batches: Batches, optimizer: SGD, schedule: Schedule, run, **step_options):
    """Train from ``run.state.iteration`` on, until the schedule is done.

    run: a ``run.training_run.TrainingRun``, which shows, logs, evaluates and saves; or any object with ``state`` and
    the four methods that are called here. step_options: the last arguments of train_step.
    """
    state, detector.model.training = run.state, True  # an evaluation puts it back when it ends
    for batch in batches.stream(state.iteration, schedule.iterations):
        run.check_for_stop()  # raises KeyboardInterrupt after Ctrl-C
        optimizer.lr = schedule.learning_rate(state.iteration)
        losses, gradient_norm = train_step(detector, optimizer, batch, **step_options)
        state.iteration += 1
        fraction = schedule.fraction(state.iteration)  # asked once: the clock goes on
        run.show(losses, fraction)
        run.log_step(losses, gradient_norm)
        run.evaluate_and_save(fraction)
        if fraction >= 1:  # of the time, with --max-minutes: before the last batch
            break


def train_step(
    detector: Detector,
    optimizer: SGD,
    batch: Batch,
    micro_batch: int | None = None,
    clip_gradient: float | None = None,
    ranks: OneProcess = ALONE,
):
    """Move every parameter once; return the Losses of the batch and the norm of its gradient before clipping.

    micro_batch: how many images go through the network at a time; ranks: who computes the rest of the batch; see
    accumulate_gradients for both. clip_gradient: a gradient with a larger norm is scaled down to this norm. Raises
    NonFinite, before any parameter moves, if a number is not finite.
    """
    with np.errstate(all="ignore"):  # what overflows is found and named below
        losses, gradient_norm = accumulate_gradients(detector, batch, micro_batch, ranks)
        if not math.isfinite(gradient_norm):
            raise NonFinite(first_nonfinite_gradient(detector.model))
        if clip_gradient and gradient_norm > clip_gradient:
            optimizer.scale_gradients(clip_gradient / gradient_norm)
        optimizer.step()
    return losses, gradient_norm


def accumulate_gradients(
    detector: Detector, batch: Batch, micro_batch: int | None = None, ranks: OneProcess = ALONE
) -> tuple[Losses, float]:
    """Leave the gradient of the loss of a batch in every ``.grad``; return its Losses and the norm of the gradient.

    A batch that does not fit into memory goes through in parts, the micro-batches, whose gradients are added up (Caffe:
    iter_size). The loss of each part is divided by the divisors of the whole batch, so the sum is the gradient of the
    whole batch but for rounding. (Caffe divides each part by its own positives: there the parts do matter.) Batch
    normalization takes the statistics of a part; its running averages stay while the parts go through, and follow them
    all at the end (running_averages.py). Gradients are added by halves (by_halves.py).

    ranks: the processes that share the batch, each with some of the parts (numpyssd/ranks); by default this one has it
    all. ``batch`` holds the images of this rank. The result is the same, to the bit, for any number of ranks.

    Raises NonFinite for a number that is not finite, and ValueError if the loss needs the whole batch at once.
    """
    parts = ranks.parts(len(batch.images), micro_batch)
    several = len(parts) > 1 or ranks.size > 1
    if several and detector.needs_whole_batch:
        raise ValueError(
            "the loss mines negatives over the whole batch, so that it cannot be cut; leave out micro_batch"
        )
    images, targets = batch.arrays()  # where the backend computes
    positives = np.array(ranks.gather(list(detector.positives(batch.targets))))  # (N,) of the whole batch
    divisors = ranks.own(detector.loss_divisors(positives))  # (n,) of the images here
    parameters, losses_of_parts = detector.model.parameters().values(), []

    with RunningAverages(detector.model) as averages:

        def gradients_of(part):
            first, last = parts[part]
            kernels.active.clear_weight_cache()  # of the part before: kept, it would take the memory that parts save
            part_targets = [kernels.active.rows(column, first, last) for column in targets]
            part_images = kernels.active.rows(images, first, last)
            losses_of_parts.append(detector.loss_and_gradients(part_images, part_targets, divisors[first:last]))
            if several:
                averages.end_part()
            # Backward sets each gradient and does not add to it, so these arrays stay as they are.
            return [parameter.active_grad for parameter in parameters]

        gradients = ranks.sum_gradients(len(parts), gradients_of, parameters)
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient
        losses, gradient_norm = detector.read_losses_and_norm(losses_of_parts, gradients)
        losses = ranks.gather(losses)  # of each part, in order
        for part, of_part in enumerate(losses):
            if not math.isfinite(of_part.total):
                raise ranks.from_owner(part, lambda own: first_nonfinite(detector, *rows_of(batch, parts[own])))
        averages.follow(ranks.gather(averages.measured))
    return Losses(*map(sum, zip(*losses))), gradient_norm


def rows_of(batch: Batch, part: tuple[int, int]):
    """Return the images, the targets and the indices of a part of a batch."""
    first, last = part
    return batch.images[first:last], [column[first:last] for column in batch.targets], batch.indices[first:last]
