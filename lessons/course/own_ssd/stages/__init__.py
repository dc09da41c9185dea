"""The stages in the order in which a file is compared."""

from lessons.course.own_ssd.stages import (
    batches,
    boxes,
    detection,
    gradients,
    layers,
    layers_backward,
    loss,
    network,
    training,
)

PARTS = (boxes, layers, layers_backward, network, loss, gradients, batches, training, detection)
STAGES = tuple(stage for part in PARTS for stage in part.STAGES)
