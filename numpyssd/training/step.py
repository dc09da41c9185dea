"""One step of training (paper, section 3): forward, loss, backward, and every weight moves.

A batch that does not fit the memory goes through in parts, whose gradients are added up (Caffe: iter_size). The loss of
each part is divided by the positives of the whole batch, and negatives are mined image by image, so the sum is the
gradient of the whole batch but for rounding. (Caffe, like its runs on several GPUs, divides each part by its own
positives: there the parts do matter.) Batch normalization takes the statistics of a part, and its running averages move
with each part: a network that has it learns as from smaller batches in that respect.
"""

import math

from numpyssd import kernels
from numpyssd.training.batches import Batch
from numpyssd.training.device_step import gradients_on_device
from numpyssd.training.micro_batches import cut
from numpyssd.training.multibox_loss import Parts, divisors, multibox_loss
from numpyssd.training.nonfinite import first_nonfinite, first_nonfinite_gradient


def take_step(model, optimizer, batch, recipe, fail, image_name):
    """Move every parameter of the model once; return the loss, its Parts, and the length of the gradient.

    Where the recipe clips the gradient, the length is that before clipping. As soon as a number is not finite nothing
    moves any more, but ``fail(culprit)`` is called with a phrase that names the first one; it is to raise. image_name:
    a function from an index into the dataset to what to call that image.
    """
    arguments = model, batch, recipe.images_at_once, fail, image_name
    if kernels.active.ON_DEVICE:
        loss, parts, length = gradients_on_device(*arguments, **recipe.loss)
    else:
        loss, parts = gradients(*arguments, **recipe.loss)
        length = optimizer.gradient_norm()
    if not math.isfinite(length):
        fail(first_nonfinite_gradient(model))
    if recipe.clip_gradient and length > recipe.clip_gradient:
        optimizer.scale_gradients(recipe.clip_gradient / length)
    optimizer.step()
    return loss, parts, length


def gradients(model, batch, images_at_once, fail, image_name, **options):
    """Leave the gradient of the loss of a batch in every ``.grad`` of the model; return the loss and its Parts.

    options go to multibox_loss. Raises ValueError if they mine over the batch, which then cannot be cut.
    """
    parameters = model.parameters().values()
    pieces = cut(len(batch.images), images_at_once, options)
    share = divisors(batch.conf_targets, options.pop("divisor", "batch"))  # (N,) of the whole batch
    of_parts = []
    for n, piece in enumerate(pieces):
        part = Batch(*(column[piece] for column in batch[:4]))
        kernels.active.clear_weight_cache()  # of the part before: kept, they would take what cutting saves
        loc, conf = model.forward(part.images)
        if not (math.isfinite(loc.sum()) and math.isfinite(conf.sum())):
            fail(first_nonfinite(model, part, image_name))
        truth = part.loc_targets, part.conf_targets
        loss, dloc, dconf, shares = multibox_loss(loc, conf, *truth, divisor=share[piece], **options)
        if not math.isfinite(loss):
            fail(first_nonfinite(model, part, image_name))
        of_parts.append(shares)
        earlier = [parameter.grad for parameter in parameters] if n else []
        model.backward(dloc, dconf)  # puts a new array into each .grad
        for parameter, gradient in zip(parameters, earlier):
            gradient += parameter.grad
            parameter.grad = gradient
    parts = Parts(*map(sum, zip(*of_parts)))
    return parts.loc + parts.conf, parts
