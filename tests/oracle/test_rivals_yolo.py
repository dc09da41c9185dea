"""YOLO's equation 3 and its whole network, against torch: its autograd, its connected layers, torchvision's IoU.

torchvision has no YOLO, so the loss is written out here a second time, from the paper, in another form: over all cells
and boxes with masks of 0 and 1, as the equation has them. Autograd then finds the gradient by itself.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torchvision.ops import box_iou

from numpyssd.rivals.yolo.config import YOLO_448, YOLO_TINY
from numpyssd.rivals.yolo.decoding import decode
from numpyssd.rivals.yolo.grid_targets import grid_targets
from numpyssd.rivals.yolo.network import YOLO
from numpyssd.rivals.yolo.responsibility import responsible_boxes
from numpyssd.rivals.yolo.yolo_loss import yolo_loss

GRID, BOXES, CLASSES = 7, 2, 20


def random_batch(seed, images=3, objects=6):
    rng = np.random.default_rng(seed)
    out = rng.normal(0.4, 0.3, (images, GRID, GRID, 5 * BOXES + CLASSES))
    rows = []
    for _ in range(images):
        corners = rng.uniform(0, 0.7, (objects, 2))
        boxes = np.concatenate([corners, corners + rng.uniform(0.05, 0.3, (objects, 2))], axis=1)
        rows.append(grid_targets(boxes, rng.integers(1, CLASSES + 1, objects), GRID))
    return out, *(np.stack(column) for column in zip(*rows))


def corners(boxes):
    """x, y in the cell and sides of the image -> xyxy of the cell's own image; boxes: (..., 4)."""
    center, sides = boxes[..., :2] / GRID, boxes[..., 2:]
    return torch.cat([center - sides / 2, center + sides / 2], dim=-1)


def equation_3(out, cell_boxes, cell_labels):
    """The loss of the paper, divided by the objects; the IoU is detached."""
    images, cells = cell_labels.shape
    rows = out.reshape(images, cells, -1)
    boxes, classes = rows[..., : 5 * BOXES].reshape(images, cells, BOXES, 5), rows[..., 5 * BOXES :]
    has_object = (cell_labels > 0).to(out.dtype)  # 1_i^obj
    sides = torch.cat([boxes[..., :2], boxes[..., 2:4] ** 2], dim=-1).detach()
    overlap, responsible = (
        torch.zeros(images, cells, BOXES, dtype=out.dtype),
        torch.zeros(images, cells, BOXES, dtype=out.dtype),
    )
    for n, i in zip(*torch.nonzero(cell_labels, as_tuple=True)):
        overlap[n, i] = box_iou(corners(sides[n, i]), corners(cell_boxes[n, i])[None])[:, 0]
        assert overlap[n, i].max() > 0  # else another rule decides, which the paper does not have
        responsible[n, i, overlap[n, i].argmax()] = 1  # 1_ij^obj
    truth = torch.cat([cell_boxes[..., :2], cell_boxes[..., 2:].sqrt()], dim=-1)[:, :, None]
    confidence = boxes[..., 4]
    wanted = torch.nn.functional.one_hot((cell_labels - 1).clamp(min=0), CLASSES).to(out.dtype)
    loss = 5 * (responsible[..., None] * (boxes[..., :4] - truth) ** 2).sum()
    loss = loss + (responsible * (confidence - overlap) ** 2).sum() + 0.5 * ((1 - responsible) * confidence**2).sum()
    loss = loss + (has_object[..., None] * (classes - wanted) ** 2).sum()
    return loss / has_object.sum().clamp(min=1)


@pytest.mark.parametrize("seed", range(5))
def test_equation_3_by_autograd(seed):
    out, cell_boxes, cell_labels = random_batch(seed)
    boxes = out[..., : 5 * BOXES].reshape(3, GRID * GRID, BOXES, 5)
    boxes[..., :4] = np.concatenate([cell_boxes[..., :2], np.sqrt(cell_boxes[..., 2:])], axis=-1)[:, :, None]
    boxes[..., :4] += np.random.default_rng(seed).normal(0, 0.1, boxes[..., :4].shape)  # so that each has some overlap
    theirs = torch.tensor(out, requires_grad=True)
    expected = equation_3(theirs, torch.tensor(cell_boxes), torch.tensor(cell_labels))
    expected.backward()
    loss, dout, _ = yolo_loss(out, cell_boxes, cell_labels)
    np.testing.assert_allclose(loss, expected.item(), rtol=1e-12)
    np.testing.assert_allclose(dout, theirs.grad.numpy(), atol=1e-13)


def test_a_gradient_through_the_iou_would_be_another():
    out, cell_boxes, cell_labels = random_batch(0)
    image, cell = np.nonzero(cell_labels)
    boxes = out[..., : 5 * BOXES].reshape(3, GRID * GRID, BOXES, 5)
    mine = torch.tensor(boxes[image, cell, 0, :4], requires_grad=True)
    sides = torch.cat([mine[:, :2], mine[:, 2:] ** 2], dim=1)
    box_iou(corners(sides), corners(torch.tensor(cell_boxes[image, cell]))).diagonal().sum().backward()
    assert mine.grad.abs().max() > 0.1  # torch would have followed it, had it not been detached


def test_overlaps_are_torchvisions():
    rng = np.random.default_rng(4)
    boxes, truths = rng.uniform(0.1, 0.9, (50, BOXES, 4)), rng.uniform(0.1, 0.9, (50, 4))
    best, overlaps = responsible_boxes(boxes, truths, GRID)
    for cell in range(50):
        sides = torch.tensor(np.concatenate([boxes[cell, :, :2], boxes[cell, :, 2:] ** 2], axis=1))
        theirs = box_iou(corners(sides), corners(torch.tensor(truths[cell]))[None])[:, 0].numpy()
        np.testing.assert_allclose(overlaps[cell], theirs, atol=1e-12)
        assert best[cell] == theirs.argmax()


def in_torch(layer, x):
    """Return what torch makes of x (N, C, H, W) by the layer of ours with the same weights."""
    kind, arrays = type(layer).__name__, {name.split(".")[-1]: p.value for name, p in layer.parameters().items()}
    if kind == "Conv2d":
        weight, bias = torch.tensor(arrays["weight"].transpose(3, 2, 0, 1)), torch.tensor(arrays["bias"])
        x = torch.nn.functional.conv2d(x, weight, bias, layer.stride, layer.padding, layer.dilation)
        return torch.relu(x) if layer.relu else x
    if kind == "BatchNorm":
        running = (torch.tensor(layer.running[key]) for key in ("mean", "variance"))
        x = torch.nn.functional.batch_norm(x, *running, torch.tensor(arrays["scale"]), torch.tensor(arrays["shift"]))
        return torch.relu(x) if layer.relu else x
    if kind == "MaxPool2d":
        return torch.nn.functional.max_pool2d(x, layer.size, layer.stride, layer.padding, ceil_mode=layer.ceil_mode)
    if kind == "LeakyReLU":
        return torch.nn.functional.leaky_relu(x, layer.slope)
    assert kind in ("Dropout", "ReLU"), kind
    return torch.relu(x) if kind == "ReLU" else x


@pytest.mark.parametrize(
    "config", [replace(YOLO_448, width=1 / 16), replace(YOLO_TINY, width=0.25)], ids=["448", "tiny"]
)
def test_the_network_with_connected_layers_of_torch(config):
    # fc1 and fc2 as torch.nn.Linear on the flattened map: a connected layer is a convolution as large as the map.
    model, size = YOLO(config, seed=5), config.image_size
    x = np.random.default_rng(6).normal(size=(2, size, size, 3)).astype(np.float32)
    steps = [step for part in model.parts for step in part.steps()]
    y = torch.tensor(x.transpose(0, 3, 1, 2))
    for step in steps:
        if step.name in ("fc1", "fc2"):
            rows = y.permute(0, 2, 3, 1).reshape(2, -1)  # (N, H W C): the order of our weights
            weight = torch.tensor(step.weight.value.reshape(rows.shape[1], -1))
            y = (rows @ weight + torch.tensor(step.bias.value))[:, :, None, None]
        else:
            y = in_torch(step, y)
    theirs = y[:, :, 0, 0].reshape(2, config.grid, config.grid, -1).numpy()
    np.testing.assert_allclose(model.infer(x), theirs, rtol=1e-3, atol=1e-4 * np.abs(theirs).max())
    assert decode(theirs, 2)[0].shape == (2, config.grid**2 * 2, 4)
