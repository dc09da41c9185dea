"""The whole graph (paper, Figure 2, top): stages one after the other, each ending in a feature map with predictors.

``python -m numpyssd.model.ssd [--preset ssd300] [--out FILE]`` prints the model summary and draws the graph.
"""

import numpy as np

from numpyssd import kernels
from numpyssd.config import Config
from numpyssd.layers.network import LayeredNetwork
from numpyssd.model.base_network import base_network
from numpyssd.model.extra_layers import extra_layers
from numpyssd.model.geometry import trunk
from numpyssd.model.predictors import Predictors


class SSD(LayeredNetwork):
    """The single shot detector: a list of stages and the predictors that read the output of each.

    A new model is drawn from ``seed``: weights as Caffe's "xavier", biases zero. Raises ValueError if the config's
    feature maps are not the ones that its layers make (see geometry.trunk).

    base: a function that makes the base network, (config, rng) -> stages, channels as base_network.py does; its own
    layers come from ``layers``. One stage for each of the first feature maps; config.extra_layers make the others. A
    file of weights holds the config alone, so such a model is made by its own code, and then ``weights.load`` fills it.
    """

    config: Config

    def __init__(self, config: Config, seed=0, base=base_network):
        if base is base_network:
            trunk(config)  # raises for feature maps that its layers do not make; of another base, forward does
        rng = np.random.default_rng(seed)
        base, base_channels = base(config, rng)
        extra, extra_channels = extra_layers(config, rng, base_channels[-1])
        self.stages = base + extra
        if len(self.stages) != len(config.feature_maps):
            raise ValueError(
                f"the config has {len(config.feature_maps)} feature maps, its layers make {len(self.stages)}"
            )
        self.predictors = Predictors(config, rng, base_channels + extra_channels)
        self.kept = False
        super().__init__(config, (*self.stages, self.predictors))

    def forward(self, x):
        """Return loc (N, K, 4) offsets and conf (N, K, C) logits for x (N, S, S, 3), RGB with the mean subtracted.

        For a NumPy array x, loc and conf are NumPy arrays; for an array on the GPU they are arrays on the GPU.
        """
        self.kept = True
        return self._like_input(x, self.predictors.forward(self._features(x, "forward")))

    def infer(self, x):
        """Return the same for detection: faster, because nothing is remembered for a backward pass.

        Batch normalization uses its running averages, whatever ``training`` says.
        """
        self.kept = False
        return self._like_input(x, self.predictors.infer(self._features(x, "infer")))

    @staticmethod
    def _like_input(x, outputs):
        return tuple(map(kernels.active.to_host, outputs)) if isinstance(x, np.ndarray) else outputs

    def _features(self, x, method):
        size = self.config.image_size
        if x.ndim != 4 or x.shape[1:] != (size, size, 3):
            raise ValueError(f"x must be (N, {size}, {size}, 3), not {x.shape}")
        x = kernels.active.to_device(x)
        features = []
        for stage, expected in zip(self.stages, self.config.feature_maps):
            x = getattr(stage, method)(x)  # (N, H, W, channels)
            if x.shape[1:3] != (expected.size, expected.size):
                raise ValueError(
                    f"{expected.name} is {x.shape[1]}x{x.shape[2]}, but the config says {expected.size}x{expected.size}"
                )
            features.append(x)
        return features

    def backward(self, dloc, dconf):
        """Set ``.grad`` of every parameter from dloc (N, K, 4) and dconf (N, K, C), the stages in reverse.

        Raises ValueError unless ``forward`` went before, once for each backward pass.
        """
        if not self.kept:
            raise ValueError("backward needs a call of forward before it, one for each backward pass")
        dfeatures = self.predictors.backward(*map(kernels.active.to_device, (dloc, dconf)))
        dx = dfeatures[-1]  # the last feature map feeds nothing but its predictors
        for i in range(len(self.stages) - 1, 0, -1):
            # Feature map i - 1 feeds stage i and its predictors, so the gradients of both add up.
            dx = kernels.active.add(self.stages[i].backward(dx), dfeatures[i - 1])
        self.stages[0].backward(dx)
        self.kept = False


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("model.ssd")
