"""What a network is besides its forward and backward pass: a config, layers, and what is known of its classes.

It keeps the contract detector.Network.
"""

from numpyssd.config import NetworkConfig


class LayeredNetwork:
    """A network made of parts in order, each a Layer or something else with ``layers()``; SSD is one.

    A class that derives from it has the forward and the backward pass.
    """

    def __init__(self, config: NetworkConfig, parts):
        self.config, self.parts = config, list(parts)
        self.class_names: tuple[str, ...] | None = None  # of the labels 1, 2, ...; set by whoever knows them
        self.names_are_guessed = False  # True: the file names no classes; class_names are a published network's
        self.notes: tuple[str, ...] = ()  # sentences about how the weights were loaded
        self.score_thresholds: tuple[float, ...] | None = None  # of each label; a box is shown above it
        self.training = False

    def layers(self):
        """Return every layer of the network in order."""
        return [layer for part in self.parts for layer in part.layers()]

    def parameters(self):
        """Return a dictionary from name to Parameter, in the order of the layers: ``conv1_1.weight`` first."""
        return {name: parameter for layer in self.layers() for name, parameter in layer.parameters().items()}

    def running_statistics(self):
        """Return what is saved beside the parameters, such as running means: name -> (layer, key), see layers.Layer."""
        return {f"{layer.name}.{key}": (layer, key) for layer in self.layers() for key in layer.running}

    @property
    def training(self):
        """Whether a training step is going on; setting it sets ``training`` of every layer (see layers.Layer)."""
        return self._training

    @training.setter
    def training(self, value):
        self._training = bool(value)
        for layer in self.layers():
            layer.training = self._training
