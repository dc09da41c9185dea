"""The trunk that the rivals share with SSD: its base network up to a layer, so that a comparison changes the rest."""

from numpyssd.config import NetworkConfig
from numpyssd.layers import Sequential
from numpyssd.model.base_network import base_network


def trunk(config: NetworkConfig, rng, last: str) -> tuple[Sequential, int]:
    """Return the base network from conv1_1 to the block named ``last``, and the channels of its output.

    The output of ``last`` is after its ReLU and before the pooling that follows it in the base network: conv4_3, and
    conv7, as in SSD; conv5_3 as in Faster R-CNN. Raises ValueError for a name that the base network does not have.
    """
    stages, _ = base_network(config, rng)
    steps = []
    for step in (step for stage in stages for step in stage.parts):
        steps.append(step)
        if step.name == last:
            if getattr(step, "pool", None):
                raise ValueError(f"{last} is followed by its own pooling; take the last block before or after it")
            return Sequential(steps), step.conv.bias.value.shape[0]
    names = ", ".join(step.name for step in steps if step.name.startswith("conv"))
    raise ValueError(f"the base network has no {last}, but {names}")
