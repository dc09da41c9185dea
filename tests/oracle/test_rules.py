"""Default boxes, matching and mining under torchvision's rules, against torchvision itself."""

from dataclasses import replace

import numpy as np
import torch
from torchvision.models.detection import _utils
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.ssd import SSD as TorchSSD

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.config import SSD300_COCO
from numpyssd.model.default_boxes import default_boxes
from numpyssd.training.matching import match, targets
from numpyssd.training.multibox_loss import multibox_loss

CONFIG = replace(SSD300_COCO, clip_mode="size", whole_pixels=False)


def test_default_boxes():
    generator = DefaultBoxGenerator(
        [[2], [2, 3], [2, 3], [2, 3], [2], [2]],
        scales=[0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05],
        steps=[8, 16, 32, 64, 100, 300],
    )
    maps = [torch.zeros(1, 1, m.size, m.size) for m in CONFIG.feature_maps]
    theirs = generator(ImageList(torch.zeros(1, 3, 300, 300), [(300, 300)]), maps)[0].numpy() / 300  # (K, 4) xyxy
    np.testing.assert_allclose(cxcywh_to_xyxy(default_boxes(CONFIG)), theirs, atol=1e-6)


def scene(seed, objects):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 0.8, (objects, 2))
    return np.concatenate([corners, corners + rng.uniform(0.01, 0.5, (objects, 2))], axis=1).clip(0, 1).astype("f4")


def test_matching_by_argmax():
    defaults = default_boxes(CONFIG)
    for seed in range(30):
        boxes = scene(seed, 1 + seed % 7)
        overlaps = iou(boxes, cxcywh_to_xyxy(defaults))
        best = overlaps.argmax(axis=1)
        theirs = _utils.SSDMatcher(0.5)(torch.from_numpy(overlaps)).numpy()
        ours = match(boxes, defaults, rule="argmax")
        if len(set(best)) == len(best):  # which of two objects wins a default box is not said there
            np.testing.assert_array_equal(ours, np.maximum(theirs, -1))


def test_the_loss_and_its_gradients():
    rng, defaults = np.random.default_rng(5), default_boxes(CONFIG)
    scenes = [scene(seed, objects) for seed, objects in ((0, 3), (1, 1), (2, 6))]
    labels = [rng.integers(1, 81, len(boxes)) for boxes in scenes]
    rows = [targets(boxes, named, defaults, rule="argmax") for boxes, named in zip(scenes, labels)]
    loc_targets, conf_targets = (np.stack(column) for column in zip(*rows))
    loc, conf = rng.normal(size=loc_targets.shape), rng.normal(size=(*conf_targets.shape, 81))
    loss, dloc, dconf, parts = multibox_loss(loc, conf, loc_targets, conf_targets)

    model = TorchSSD.__new__(TorchSSD)
    torch.nn.Module.__init__(model)
    model.box_coder, model.neg_to_pos_ratio = _utils.BoxCoder(weights=(10.0, 10.0, 5.0, 5.0)), 3
    outputs = {"bbox_regression": torch.tensor(loc), "cls_logits": torch.tensor(conf)}
    for tensor in outputs.values():
        tensor.requires_grad_()
    anchors = [torch.from_numpy(cxcywh_to_xyxy(defaults)).double() for _ in scenes]
    truth = [
        {"boxes": torch.from_numpy(boxes).double(), "labels": torch.from_numpy(named)}
        for boxes, named in zip(scenes, labels)
    ]
    matched = [torch.from_numpy(match(boxes, defaults, rule="argmax")) for boxes in scenes]
    theirs = model.compute_loss(truth, outputs, anchors, matched)
    total = theirs["bbox_regression"] + theirs["classification"]
    total.backward()
    expected_parts = [theirs[name].item() for name in ("bbox_regression", "classification")]
    np.testing.assert_allclose(parts[:2], expected_parts, rtol=1e-5)
    np.testing.assert_allclose(loss, total.item(), rtol=1e-5)
    np.testing.assert_allclose(dloc, outputs["bbox_regression"].grad.numpy(), atol=1e-6)
    np.testing.assert_allclose(dconf, outputs["cls_logits"].grad.numpy(), atol=1e-9)
