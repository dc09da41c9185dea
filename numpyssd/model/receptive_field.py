"""Receptive fields: the pixels of the image that one unit of a layer depends on, along one axis.

Unit i of a layer sees the pixels from first + i * step to first + i * step + field, without the last. The field grows
by (kernel - 1) * dilation * step pixels with each layer; the step, the distance in pixels between the fields of
neighboring units, is the product of the strides so far.
"""

from typing import NamedTuple

import numpy as np


class ReceptiveField(NamedTuple):
    """What the units of one layer see, along one axis, in pixels."""

    name: str
    size: int  # units
    first: int  # the first pixel that unit 0 sees; it may lie outside the image
    step: int  # from the field of one unit to that of the next
    field: int  # how many pixels a unit sees

    def box(self, row, column):
        """Return the square (4,) xyxy of pixels that a unit sees; where it leaves the image there is padding."""
        x, y = self.first + column * self.step, self.first + row * self.step
        return np.array([x, y, x + self.field, y + self.field])

    def after(self, layer):
        """Return the ReceptiveField of a layer (geometry.LayerGeometry) that reads this one."""
        first = self.first - layer.padding * self.step
        field = self.field + (layer.kernel - 1) * layer.dilation * self.step
        return ReceptiveField(layer.name, layer.size_out, first, self.step * layer.stride, field)


def receptive_fields(layers):
    """Return the ReceptiveField of each layer by name; layers: those of ``geometry.trunk``, in order."""
    fields, last = {}, ReceptiveField("image", layers[0].size_in, first=0, step=1, field=1)
    for layer in layers:
        fields[layer.name] = last = last.after(layer)
    return fields
