"""The whole graph: a trunk, whose feature map two stages read (Faster R-CNN, Figure 2).

    image -> trunk -> feature map -+-> region proposal network -> proposals -+
                                   |                                         |
                                   +----------------> RoI pooling <----------+ (no gradient)
                                                           |
                                                          head -> classes, boxes

``python -m numpyssd.rivals.faster_rcnn.network [--preset vgg600] [--out FILE]`` prints the model summary.
"""

import numpy as np

from numpyssd import kernels
from numpyssd.layers.network import LayeredNetwork
from numpyssd.rivals.faster_rcnn.anchors import anchors
from numpyssd.rivals.faster_rcnn.box_head import BoxHead
from numpyssd.rivals.faster_rcnn.config import FasterRCNNConfig
from numpyssd.rivals.faster_rcnn.geometry import head_layers
from numpyssd.rivals.faster_rcnn.proposals import proposals
from numpyssd.rivals.faster_rcnn.region_proposal_network import RegionProposalNetwork
from numpyssd.rivals.faster_rcnn.roi_align import RoIAlign
from numpyssd.rivals.faster_rcnn.roi_pooling import RoIPooling
from numpyssd.rivals.trunk import trunk


class FasterRCNN(LayeredNetwork):
    """Trunk, region proposal network and head, trained together: "approximate joint training" (section 3.2).

    The second stage takes the boxes of the first as constants. So the gradient of the feature map is the sum of two,
    and none goes through where the boxes are. All numbers of the paper come from training the two in turns instead.

    A new model is drawn from ``seed``. Raises ValueError if its layers do not fit together.
    """

    config: FasterRCNNConfig

    def __init__(self, config: FasterRCNNConfig, seed=0):
        head_layers(config)  # raises for layers that do not fit together
        rng = np.random.default_rng(seed)
        self.trunk, channels = trunk(config, rng, config.feature_layer)
        self.rpn = RegionProposalNetwork(config, rng, channels)
        self.pooling = (RoIAlign if config.pooling == "roi_align" else RoIPooling)(config)
        self.head = BoxHead(config, rng, channels)
        self.anchors = anchors(config)  # (K, 4) cxcywh
        super().__init__(config, [self.trunk, self.rpn, self.head])

    def first_stage(self, images):
        """Return logits (N, K, 2) and offsets (N, K, 4) of all anchors for images (N, S, S, 3)."""
        self.features = self._checked(self.trunk.forward(images))  # (N, H, W, C)
        return self.rpn.forward(self.features)

    def second_stage(self, boxes, images):
        """Return conf (R, C) and loc (R, C, 4) of regions (R, 4) xyxy in [0, 1], each of the image images (R,).

        After ``first_stage``, whose feature map it reads.
        """
        return self.head.forward(self.pooling.forward(self.features, boxes, images))

    def backward(self, dlogits, doffsets, dconf, dloc):
        """Set ``.grad`` of every parameter, once after each first and second stage."""
        dregions = self.pooling.backward(self.head.backward(dconf, dloc))
        self.trunk.backward(kernels.active.add(self.rpn.backward(dlogits, doffsets), dregions))
        self.features = None

    def infer_features(self, images):
        """Return the feature map (N, H, W, C) for detection; nothing is remembered."""
        return self._checked(self.trunk.infer(images))

    def infer_regions(self, features, boxes, images):
        """Return what ``second_stage`` does; nothing is remembered."""
        return self.head.infer(self.pooling.infer(features, boxes, images))

    def propose(self, logits, offsets, keep, candidates=None):
        """Return the proposals of one image, at most ``keep``: (P, 4) xyxy in [0, 1].

        logits: (K, 2), offsets: (K, 4). candidates: how many of the best go to NMS; None: as many as for detection.
        """
        return self.propose_explained(logits, offsets, keep, candidates)[0]

    def propose_explained(self, logits, offsets, keep, candidates=None):
        """Return the same, and which anchor each proposal is of, (P,)."""
        config, candidates = self.config, candidates or self.config.nms_candidates
        # Softmax over two grows with the difference of the logits, and only the order matters here.
        return proposals(
            logits[:, 1] - logits[:, 0], offsets, self.anchors, candidates, keep, config.proposal_nms,
            config.min_side / config.image_size, config.size_limit,
        )  # fmt: skip

    def _checked(self, features):
        size = self.config.map_size
        if features.shape[1:3] != (size, size):
            made = f"{features.shape[1]}x{features.shape[2]}"
            raise ValueError(f"{self.config.feature_layer} is {made}, but the config says {size}x{size}")
        return features


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("two_stages.network")
