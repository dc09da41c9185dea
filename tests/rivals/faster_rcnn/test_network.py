"""The network: shapes, counts, the order of channels, and the gradient of the whole along random directions."""

import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from gradcheck import directional_error

from numpyssd import kernels
from numpyssd.rivals.faster_rcnn.box_head import BoxHead
from numpyssd.rivals.faster_rcnn.config import (
    FASTER_RCNN_COMPACT,
    FASTER_RCNN_TINY,
    FASTER_RCNN_VGG600,
    from_dict,
)
from numpyssd.rivals.faster_rcnn.detector import FasterRCNNDetector, together
from numpyssd.rivals.faster_rcnn.geometry import head_layers, trunk_layers
from numpyssd.rivals.faster_rcnn.network import FasterRCNN
from numpyssd.rivals.faster_rcnn.recipes import PRESETS
from numpyssd.rivals.faster_rcnn.region_proposal_network import RegionProposalNetwork
from numpyssd.rivals.faster_rcnn.summary import main, multiply_adds, summary, summary_table
from tests.rivals.faster_rcnn.small_faster_rcnn import SMALL, images, objects, targets

CONFIGS = {
    "small": SMALL,
    "align": replace(SMALL, pooling="roi_align"),
    "without norm": replace(SMALL, batch_norm=False, dropout=0.5),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_shapes_are_those_of_the_summary(config, rng):
    model = FasterRCNN(config)
    logits, offsets = model.first_stage(images(rng))
    assert (logits.shape, offsets.shape) == ((2, 144, 2), (2, 144, 4))
    boxes, labels = objects(rng, 5)
    conf, loc = model.second_stage(boxes, np.array([0, 0, 1, 1, 1]))
    assert (conf.shape, loc.shape) == ((5, 4), (5, 4, 4))
    shapes = {layer.name: layer.weight_shape for layer in (*trunk_layers(config), *head_layers(config))}
    for name, parameter in model.parameters().items():
        if name.endswith(".weight"):
            assert parameter.value.shape == shapes[name.removesuffix(".weight")]
    counted = sum(row.parameters for row in summary(config))
    assert counted == sum(parameter.value.size for parameter in model.parameters().values())


def test_the_papers_network():
    rows = {row.layer: row for row in summary(FASTER_RCNN_VGG600)}
    assert len([name for name in rows if name.startswith("conv") and "_" in name]) == 13
    assert (rows["conv5_3"].size, rows["conv5_3"].channels) == (38, 512)
    assert rows["rpn_offsets"].default_boxes == 38 * 38 * 9
    assert (rows["rpn_logits"].channels, rows["rpn_offsets"].channels) == (18, 36)
    assert (rows["conf"].channels, rows["loc"].channels) == (21, 84)
    assert rows["fc6"].parameters == 7 * 7 * 512 * 4096 + 4096
    # 300 regions take 36 billion, more than all of SSD300 (31.4).
    assert round(multiply_adds(FASTER_RCNN_VGG600)["second stage"] / 1e8) == 360
    assert "137,078,239" in summary_table(FASTER_RCNN_VGG600)


def test_the_miniatures():
    # With BCCD's three classes, in millions.
    compact = replace(FASTER_RCNN_COMPACT, num_classes=4)
    parts = {name: round(count / 1e5) / 10 for name, count in multiply_adds(compact).items()}
    assert parts == {"trunk": 879.5, "first stage": 55.7, "second stage": 502.9}
    assert round(multiply_adds(compact, 50)["second stage"] / 1e5) == 838
    finer = replace(compact, feature_layer="conv4_2", map_size=38, step=8, anchor_scales=(20, 50, 100))
    assert round(multiply_adds(finer)["trunk"] / 1e5) == 7730
    assert len(FasterRCNN(finer).anchors) == 12_996
    assert len(FasterRCNN(FASTER_RCNN_TINY).anchors) == 576


def test_the_full_size_runs_forward_and_backward(rng):
    # A sixteenth as wide, so that it takes a second; the layers, the maps and the anchors are those of the paper.
    config = replace(FASTER_RCNN_VGG600, width=1 / 16, training_proposals=50, rois_per_image=16)
    detector = FasterRCNNDetector(FasterRCNN(config))
    detector.model.training = True
    wanted = targets(detector, [objects(rng, 3)])
    losses = detector.loss_and_gradients(
        images(rng, 1, 600), wanted, detector.loss_divisors(detector.positives(wanted))
    )
    assert math.isfinite(losses.total)
    assert all(np.isfinite(p.grad).all() and p.grad.any() for p in detector.model.parameters().values())


def test_all_of_background_comes_first(rng):
    # The 18 channels are 9 for background, then 9 for object. Who takes pairs has other logits for the same weights.
    first = RegionProposalNetwork(SMALL, rng, 8)
    first.logits.bias.value = np.arange(18, dtype=np.float32)
    logits, offsets = first.forward(np.zeros((1, 4, 4, 8), np.float32))
    assert logits[0, :9].tolist() == [[a, 9 + a] for a in range(9)]
    assert logits[0, 9:18].tolist() == logits[0, :9].tolist()
    planted = first.logits.bias.value.reshape(9, 2)
    assert not (planted == logits[0, :9]).all(axis=1).any()
    first.offsets.bias.value = np.arange(36, dtype=np.float32)
    _, offsets = first.forward(np.zeros((1, 4, 4, 8), np.float32))
    assert offsets[0, 1].tolist() == [4, 5, 6, 7]
    # Backward sorts the gradients back.
    dlogits = rng.standard_normal(logits.shape).astype(np.float32)
    first.backward(dlogits, np.zeros_like(offsets))
    np.testing.assert_allclose(first.logits.bias.grad.reshape(2, 9), dlogits.reshape(16, 9, 2).sum(axis=0).T, rtol=1e-5)


def test_the_released_first_weights(rng):
    config = replace(SMALL, width=1.0, released_init=True)
    first, head = RegionProposalNetwork(config, rng, 64), BoxHead(config, rng, 64)
    for layer, deviation in ((first.conv, 0.01), (first.logits, 0.01), (head.conf, 0.01), (head.loc, 0.001)):
        assert layer.weight.value.std() == pytest.approx(deviation, rel=0.1)
        assert layer.weight.value.dtype == np.float32


def in_float64(model):
    for parameter in model.parameters().values():
        parameter.value = parameter.value.astype(np.float64)
    for layer, key in model.running_statistics().values():
        layer.running[key] = layer.running[key].astype(np.float64)
    return model


@pytest.mark.parametrize("name", CONFIGS)
def test_the_gradient_of_the_whole_network(name, rng):
    """Along random directions, in float64; proposals and samples are what they were at the start."""
    detector = FasterRCNNDetector(in_float64(FasterRCNN(CONFIGS[name], seed=3)))
    model = detector.model
    model.training = True
    x, wanted = images(rng).astype(np.float64), targets(detector, [objects(rng, 3), objects(rng, 2)])
    # All four losses of a size, so that no error of one can hide behind another.
    for part, factor in ((model.rpn.logits, 8), (model.rpn.offsets, 8), (model.head.conf, 8), (model.head.loc, 8)):
        part.weight.value *= factor
    rngs = [np.random.default_rng(n) for n in range(2)]
    frozen = detector.sample(*model.first_stage(x), wanted, rngs)
    assert all((found.labels > 0).any() for found in frozen)
    divisors = detector.loss_divisors(detector.positives(wanted))

    def loss():
        model.head.draw_from((np.random.default_rng((7, n)), len(f.labels)) for n, f in enumerate(frozen))
        first, second = model.first_stage(x), model.second_stage(*together(frozen))
        return detector.losses(first, second, wanted, frozen, divisors)

    losses, grads = loss()
    model.backward(*grads)
    parameters = model.parameters()
    analytic = {key: parameter.grad.copy() for key, parameter in parameters.items()}
    start = {key: parameter.value for key, parameter in parameters.items()}

    def at(*values):
        for parameter, value in zip(parameters.values(), values):
            parameter.value = value
        return loss()[0].total

    # Steps so small that no winner of a pooling and no ReLU changes; in one of three directions one may.
    errors = [directional_error(at, list(start.values()), list(analytic.values()), rng, step=1e-8) for _ in range(3)]
    assert np.median(errors) < 1e-5, errors
    assert all(gradient.any() for key, gradient in analytic.items() if "bn" not in key)


def test_the_map_gets_the_gradients_of_both_stages(rng):
    # A port that leaves out one of the two trains its trunk for the other.
    detector = FasterRCNNDetector(FasterRCNN(SMALL))
    model, x = detector.model, images(rng)
    model.training = True

    def first_weight(*kept):
        logits, offsets = model.first_stage(x)
        conf, loc = model.second_stage(boxes, np.zeros(3, int))
        model.backward(*(np.full_like(a, float(i in kept)) for i, a in enumerate((logits, offsets, conf, loc))))
        return model.parameters()["conv1_1.weight"].grad.copy()

    boxes, _ = objects(rng, 3)
    both, first, second = first_weight(0, 1, 2, 3), first_weight(0, 1), first_weight(2, 3)
    assert first.any()
    assert second.any()
    np.testing.assert_allclose(both, first + second, rtol=1e-3, atol=1e-3 * np.abs(both).max())


def test_no_region_at_all(rng):
    for config in (SMALL, CONFIGS["align"]):
        model = FasterRCNN(config)
        logits, offsets = model.first_stage(images(rng))
        conf, loc = model.second_stage(np.zeros((0, 4), np.float32), np.zeros(0, int))
        assert (conf.shape, loc.shape) == ((0, 4), (0, 4, 4))
        model.backward(np.ones_like(logits), np.ones_like(offsets), conf, loc)
        assert not model.head.fc6.weight.grad.any()
        assert model.rpn.conv.weight.grad.any()


def test_both_backends_compute_the_same(rng):
    found, x, (boxes, _) = [], images(rng), objects(rng, 3)
    for name in ("reference", "cpu"):
        with kernels.using(name):
            model = FasterRCNN(SMALL)
            first, second = model.first_stage(x), model.second_stage(boxes, np.array([0, 1, 1]))
            model.backward(*map(np.ones_like, (*first, *second)))
            found.append([*first, *second, model.parameters()["conv1_1.weight"].grad])
    for ours, theirs in zip(*found):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-3 * np.abs(theirs).max())


def test_what_does_not_fit_together_is_refused():
    for change, message in (
        ({"map_size": 5}, "is 4x4, but the config says 5"),
        ({"feature_layer": "conv9_1"}, "no 'conv9_1'"),
        ({"feature_layer": "conv1_1", "map_size": 32}, "pooling"),
        ({"head_channels": (60_000, 60_000), "width": 8.0}, "weights"),
    ):
        with pytest.raises(ValueError, match=message):
            FasterRCNN(replace(SMALL, **change))


def test_a_config_survives_a_file():
    for config in PRESETS.values():
        assert from_dict(as_read(asdict(config))) == config


def as_read(values):
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


@pytest.mark.parametrize(
    "change",
    [
        {"pooling": "crop"}, {"step": 0}, {"step": float("nan")}, {"map_size": 10**9}, {"anchor_scales": []},
        {"head_channels": [1]}, {"dropout": 1.0}, {"anchor_scales": [1] * 10**4, "map_size": 100}, {"size_limit": -1},
        {"pool_size": 2.5}, {"anchor_ratios": [0]},
    ],
)  # fmt: skip
def test_a_config_of_nonsense_is_refused(change):
    with pytest.raises(ValueError, match=r"\w"):
        from_dict(as_read(asdict(FASTER_RCNN_TINY)) | change)


def test_the_command_prints_the_summary(tmp_path, capsys):
    main(PRESETS, ["--preset", "tiny", "--out", str(tmp_path / "costs.png")])
    printed = capsys.readouterr().out
    assert "rpn_conv" in printed
    assert "those of 100 regions" in printed
    assert (tmp_path / "costs.png").read_bytes().startswith(b"\x89PNG")
