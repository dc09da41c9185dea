"""The training loop (paper, section 3) on one page: batch, forward, loss, backward, step, until the schedule ends.

``train`` is the loop, ``train_step`` one step of it, ``accumulate_gradients`` forward, loss and backward. The loss of a
detector is in its own file (``loss_and_gradients`` in ssd.py); the weights change in ``SGD.step`` (optimizer.py).
docs/design.md lists every function that a step calls, from the image file to the changed weight.
"""

import math

import numpy as np

from numpyssd import kernels
from numpyssd.detector import Detector, Losses
from numpyssd.training.batches import Batch, Batches
from numpyssd.training.nonfinite import NonFinite, first_nonfinite, first_nonfinite_gradient
from numpyssd.training.optimizer import SGD
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
    detector: Detector, optimizer: SGD, batch: Batch, micro_batch: int | None = None, clip_gradient: float | None = None
):
    """Move every parameter once; return the Losses of the batch and the norm of its gradient before clipping.

    micro_batch: how many images go through the network at a time; see accumulate_gradients. clip_gradient: a gradient
    with a larger norm is scaled down to this norm. Raises NonFinite, before any parameter moves, if a number is not
    finite.
    """
    with np.errstate(all="ignore"):  # what overflows is found and named below
        losses, gradient_norm = accumulate_gradients(detector, batch, micro_batch)
        if not math.isfinite(gradient_norm):
            raise NonFinite(first_nonfinite_gradient(detector.model))
        if clip_gradient and gradient_norm > clip_gradient:
            optimizer.scale_gradients(clip_gradient / gradient_norm)
        optimizer.step()
    return losses, gradient_norm


def accumulate_gradients(detector: Detector, batch: Batch, micro_batch: int | None = None) -> tuple[Losses, float]:
    """Leave the gradient of the loss of a batch in every ``.grad``; return its Losses and the norm of the gradient.

    A batch that does not fit into memory goes through in parts, the micro-batches, whose gradients are added up (Caffe:
    iter_size). The loss of each part is divided by the divisors of the whole batch, so the sum is the gradient of the
    whole batch but for rounding. (Caffe divides each part by its own positives: there the parts do matter.) Batch
    normalization takes the statistics of a part, and its running averages move with each part.

    Raises NonFinite for a number that is not finite, and ValueError if the loss needs the whole batch at once.
    """
    parts = split(len(batch.images), micro_batch)
    if len(parts) > 1 and detector.needs_whole_batch:
        raise ValueError(
            "the loss mines negatives over the whole batch, so that it cannot be cut; leave out micro_batch"
        )
    images, targets = batch.arrays()  # where the backend computes
    divisors = detector.loss_divisors(batch.targets)  # (N,)
    parameters, losses_of_parts = detector.model.parameters().values(), []
    for first, last in parts:
        kernels.active.clear_weight_cache()  # of the part before: kept, it would take the memory that parts save
        # Backward sets each gradient and does not add to it, so those of the parts before are kept here.
        earlier = [parameter.active_grad for parameter in parameters] if losses_of_parts else []
        part_targets = [kernels.active.rows(column, first, last) for column in targets]
        part_images = kernels.active.rows(images, first, last)
        losses_of_parts.append(detector.loss_and_gradients(part_images, part_targets, divisors[first:last]))
        for parameter, gradient in zip(parameters, earlier):  # none for the first part
            parameter.grad = kernels.active.add(gradient, parameter.active_grad)
    gradients = [parameter.active_grad for parameter in parameters]
    losses, gradient_norm = detector.read_losses_and_norm(losses_of_parts, gradients)
    for (first, last), part in zip(parts, losses):
        if not math.isfinite(part.total):
            part_targets = [column[first:last] for column in batch.targets]
            raise first_nonfinite(detector, batch.images[first:last], part_targets, batch.indices[first:last])
    return Losses(*map(sum, zip(*losses))), gradient_norm


def split(images: int, micro_batch: int | None = None) -> list[tuple[int, int]]:
    """Cut a batch into the fewest parts of at most micro_batch images, as equal as possible: [(first, last), ...]."""
    count = -(-images // (micro_batch or images))
    edges = [images * n // count for n in range(count + 1)]
    return list(zip(edges, edges[1:]))
