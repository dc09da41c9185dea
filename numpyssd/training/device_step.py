"""The gradients of a step where the arrays lie on a GPU: training/step.py, with all but a few numbers left there.

One upload of images and targets, which began while the step before was computed; then forward, loss and backward; and
one download, of the sums that the loss and the length of the gradient are made of.
"""

import math

import numpy as np

from numpyssd import kernels
from numpyssd.training.micro_batches import cut
from numpyssd.training.multibox_loss import Parts, divisors
from numpyssd.training.nonfinite import first_nonfinite

DTYPES = np.float32, np.float32, np.int32  # of images, loc_targets, conf_targets on the card


def sender():
    """Return a function that sends a batch ahead, for Batches.stream; None where there is nowhere to send it."""
    if not kernels.active.ON_DEVICE:
        return None
    prefetcher = kernels.active.Prefetcher()
    return lambda batch: batch._replace(transfer=prefetcher.send(list(zip(batch[:3], DTYPES))))


def gradients_on_device(model, batch, images_at_once, fail, image_name, **options):
    """Leave the gradient of the loss in every parameter; return the loss, its Parts, and the length of the gradient.

    See training/step.py for the arguments. What is not finite is found after the backward pass; nothing has moved yet.
    """
    device, parameters = kernels.active, model.parameters().values()
    if batch.transfer:
        columns = batch.transfer.wait()
    else:
        columns = [device.to_device(column.astype(dtype, copy=False)) for column, dtype in zip(batch[:3], DTYPES)]
    sums = []
    share = divisors(batch.conf_targets, options.pop("divisor", "batch"))  # (N,) of the whole batch
    pieces = cut(len(batch.images), images_at_once, options)
    for n, piece in enumerate(pieces):
        images, *targets = (device.rows(column, piece.start, piece.stop) for column in columns)
        loc, conf = model.forward(images)
        dloc, dconf, found = device.multibox_loss(loc, conf, *targets, divisor=share[piece], **options)
        sums.append(found)
        earlier = [parameter.active_grad for parameter in parameters] if n else []
        model.backward(dloc, dconf)
        for parameter, gradient in zip(parameters, earlier):
            parameter.grad = device.add(gradient, parameter.active_grad)
    losses, norm = device.read_losses_and_norm(sums, [parameter.active_grad for parameter in parameters])
    found = [Parts(*part) for part in losses]
    for piece, part in zip(pieces, found):
        if not math.isfinite(part.loc + part.conf):
            fail(first_nonfinite(model, type(batch)(*(column[piece] for column in batch[:4])), image_name))
    parts = Parts(*map(sum, zip(*found)))
    return parts.loc + parts.conf, parts, norm
