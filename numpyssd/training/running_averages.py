"""The running averages of batch normalization, while a batch goes through the network in parts.

Each part sees the averages of before the batch, and when all parts are through, the averages follow them in their
order. So it makes no difference whether the parts come one after the other, or in several processes at the same time.
"""


class RunningAverages:
    """The running averages of a model during one batch; ``with`` puts them back if the batch ends with an error.

    Only layers that are in training are touched. ``measured`` grows by what they have measured in each part.
    """

    def __init__(self, model):
        layers = {id(layer): layer for layer, _ in model.running_statistics().values() if layer.training}
        self.layers, self.measured = list(layers.values()), []
        self.before = [dict(layer.running.data) for layer in self.layers]  # training replaces these arrays, see Layer

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self._put_back()

    def end_part(self):
        """Note what the layers have measured in a part, and put the averages back for the next part."""
        self.measured.append([layer.measured for layer in self.layers])
        self._put_back()

    def follow(self, measured: list):
        """Move the averages by what was measured in all parts, in their order."""
        for part in measured:
            for layer, of_layer in zip(self.layers, part):
                layer.follow(of_layer)

    def _put_back(self):
        for layer, arrays in zip(self.layers, self.before):
            layer.running.update(arrays)
