"""numpyssd.rivals.yolo.network, geometry, config and summary: shapes, golden counts, and the gradient of the whole."""

import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from gradcheck import directional_error

from numpyssd.rivals.yolo.config import YOLO_448, YOLO_COMPACT, YOLO_TINY, Convolution, from_dict
from numpyssd.rivals.yolo.decoding import decode, split_outputs
from numpyssd.rivals.yolo.geometry import head_stride, layers
from numpyssd.rivals.yolo.network import YOLO
from numpyssd.rivals.yolo.summary import summary, summary_table

SMALL = replace(
    YOLO_TINY, image_size=32, num_classes=4, width=0.125, grid=2, connected_channels=128, base_blocks=((16,),) * 5
)
# Figure 3 with a sixteenth of the channels: the same layers, and 448 px.
THIN_448 = replace(YOLO_448, width=1 / 16)


def in_float64(model):
    for parameter in model.parameters().values():
        parameter.value = parameter.value.astype(np.float64)
    return model


def rows_by_name(config):
    return {row.layer: row for row in summary(config)}


def test_the_papers_network():
    # Figure 3: 24 convolutions, 7 x 7 x 30; 271.7 million weights, most of them in the first connected layer.
    rows = rows_by_name(YOLO_448)
    assert len([name for name in rows if name.startswith("conv")]) == 24
    assert (rows["conv1"].size, rows["conv24"].size, rows["conv24"].channels) == (224, 7, 1024)
    assert [rows[f"pool{number}"].size for number in (1, 2, 6, 16)] == [112, 56, 28, 14]
    assert (rows["fc2"].channels, rows["fc2"].default_boxes) == (7 * 7 * 30, 98)
    weights = {row.name: math.prod(row.weight_shape) for row in layers(YOLO_448) if row.kind == "conv"}
    assert weights["fc1"] == 7 * 7 * 1024 * 4096 == 205_520_896
    assert round(sum(weights.values()) / 1e6) == 272
    assert round(sum(row.multiply_adds for row in rows.values()) / 1e8) == 203  # 20.3 billion
    assert "20,285,153,280" in summary_table(YOLO_448)


def test_the_miniatures():
    # With BCCD's three classes: 1029.6 million multiply-adds, of which the trunk to conv7 has 1009.6.
    compact = rows_by_name(replace(YOLO_COMPACT, num_classes=4))
    assert round(sum(row.multiply_adds for row in compact.values()) / 1e5) == 10296
    head = {name: round(compact[name].multiply_adds / 1e5) / 10 for name in ("conv8", "conv9", "fc1", "fc2")}
    assert head == {"conv8": 14.5, "conv9": 3.6, "fc1": 1.6, "fc2": 0.3}
    assert (compact["conv7"].size, compact["conv8"].size, compact["fc2"].channels) == (19, 7, 49 * 13)
    assert round(sum(row.parameters for row in compact.values()) / 1e4) == 324  # 3.24 million
    tiny = rows_by_name(YOLO_TINY)
    assert (tiny["conv8"].size, tiny["conv8"].channels, tiny["fc1"].channels, tiny["fc2"].channels) == (4, 64, 256, 240)
    convolutional = rows_by_name(replace(YOLO_COMPACT, num_classes=4, head="convolutional"))
    assert convolutional["cells"].multiply_adds == 40_768


@pytest.mark.parametrize(("grid", "stride"), [(5, 4), (7, 3), (10, 2), (19, 1)])
def test_grids_of_the_compact_network(grid, stride):
    config = replace(YOLO_COMPACT, grid=grid, head="convolutional")
    rows = layers(config)
    assert rows[-1].size_out == grid
    assert next(row for row in rows if row.name == "conv8").stride == stride == head_stride(19, grid)


def test_a_grid_that_no_stride_makes_is_refused():
    with pytest.raises(ValueError, match="no stride makes a map of 19x19 into a grid of 8x8"):
        YOLO(replace(YOLO_COMPACT, grid=8))
    with pytest.raises(ValueError, match="the map is 7x7, but the grid is 5x5"):
        YOLO(replace(THIN_448, grid=5))


@pytest.mark.parametrize(
    "config",
    [SMALL, replace(SMALL, head="convolutional"), THIN_448, replace(THIN_448, batch_norm=True), replace(SMALL, grid=4)],
    ids=["connected", "convolutional", "figure 3", "figure 3 normalized", "grid 4"],
)
def test_layers_are_what_the_geometry_says(config):
    model = YOLO(config)
    shapes = {name: parameter.value.shape for name, parameter in model.parameters().items()}
    for row in layers(config):
        if row.kind == "conv":
            assert shapes.pop(f"{row.name}.weight") == row.weight_shape
            shapes.pop(f"{row.name}.bias")
    assert all("_bn." in name for name in shapes)
    sizes = {row.name: row.size_out for row in layers(config)}
    x = np.random.default_rng(0).normal(size=(1, config.image_size, config.image_size, 3)).astype(np.float32)
    for part in model.parts:
        for step in part.steps():
            x = step.infer(x)
            if step.name in sizes:
                assert x.shape[1] == sizes[step.name], step.name
    total = sum(parameter.value.size for parameter in model.parameters().values())
    assert total == sum(row.parameters for row in summary(config))


def test_figure_3_runs_forward_and_backward():
    model = YOLO(THIN_448)
    model.training = True
    rng = np.random.default_rng(0)
    model.dropout.draw_from([(rng, 1)])
    out = model.forward(rng.normal(size=(1, 448, 448, 3)).astype(np.float32))
    assert out.shape == (1, 7, 7, 30)
    model.backward(rng.normal(size=out.shape).astype(np.float32))
    for name, parameter in model.parameters().items():
        assert np.isfinite(parameter.grad).all(), name
        assert parameter.grad.any(), name


@pytest.mark.parametrize("head", ["connected", "convolutional"])
@pytest.mark.parametrize("training", [False, True])
def test_gradient_of_the_whole(head, training):
    # In float64, along random directions, with the same dropped values each time.
    model = in_float64(YOLO(replace(SMALL, head=head, predictor_init_scale=1.0), seed=3))
    model.training = training
    rng = np.random.default_rng(1)
    x, dout = rng.normal(size=(4, 32, 32, 3)), rng.normal(size=(4, 2, 2, 13))
    parameters = model.parameters()
    names = [
        name
        for name in parameters
        if not (training and name.endswith(".bias") and f"{name[:-5]}_bn.scale" in parameters)
    ]

    def loss(*arrays):
        for name, array in zip(names, arrays):
            parameters[name].value = array
        if model.dropout:
            model.dropout.draw_from((np.random.default_rng(seed), 1) for seed in range(4))
        return float((model.forward(x) * dout).sum())

    values = [parameters[name].value for name in names]
    loss(*values)
    model.backward(dout)
    gradients = [parameters[name].grad for name in names]
    errors = [directional_error(loss, values, gradients, rng, step=1e-7) for _ in range(3)]
    assert max(errors) < 1e-6


def test_forward_and_infer_agree_and_boxes_start_as_the_config_says():
    model = YOLO(replace(SMALL, first_box=(0.5, 0.25, 0.4, 0.3)))
    x = np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype(np.float32)
    out = model.forward(x)
    np.testing.assert_allclose(out, model.infer(x), atol=1e-4)
    model.head.layers()[-1].weight.value[...] = 0
    boxes, confidences, classes = split_outputs(model.infer(x), 2)
    np.testing.assert_allclose(boxes, np.broadcast_to(np.float32([0.5, 0.25, 0.4, 0.3]), boxes.shape))
    assert not confidences.any()
    assert not classes.any()
    assert decode(out, 2)[0].shape == (2, 8, 4)


def test_the_last_cell_of_a_connected_head_sees_the_first_pixel():
    # Section 4 of the SSD paper: YOLO's connected layers see all, SSD's predictors their own surroundings.
    x = np.random.default_rng(0).normal(size=(1, 300, 300, 3)).astype(np.float32)
    other = x.copy()
    other[0, :8, :8] += 3
    far = {}
    for head in ("connected", "convolutional"):
        model = YOLO(replace(YOLO_COMPACT, num_classes=4, width=0.0625, conv6_dilation=1, head=head))
        far[head] = np.abs(model.infer(x) - model.infer(other))[0, 6, 6].max()
    assert far["connected"] > 0 == far["convolutional"]


def test_backward_needs_a_forward_and_x_its_shape():
    model = YOLO(SMALL)
    with pytest.raises(ValueError, match="backward needs a call of forward"):
        model.backward(np.zeros((1, 2, 2, 13), np.float32))
    with pytest.raises(ValueError, match=r"x must be \(N, 32, 32, 3\)"):
        model.forward(np.zeros((1, 64, 64, 3), np.float32))


@pytest.mark.parametrize("config", [YOLO_448, YOLO_COMPACT, YOLO_TINY, SMALL], ids=lambda config: config.name)
def test_a_config_comes_back_from_its_dictionary(config):
    import json

    assert from_dict(json.loads(json.dumps(asdict(config)))) == config


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"head": "both"}, "head must be one of connected, convolutional"),
        ({"grid": 0}, "grid is no whole number"),
        ({"boxes_per_cell": 1.5}, "boxes_per_cell is no whole number"),
        ({"dropout": 1.0}, "dropout must be from 0 to 1"),
        ({"first_box": [0.5]}, "first_box must be four numbers"),
        ({"convolutions": [[64, 0]]}, "convolution 1 is no whole number"),
        ({"head_channels": [-3]}, "head_channels is no whole number"),
        ({"image_size": 10**6}, "image_size"),
        ({"convolutions": [[64, 3]]}, "convolutions take its place"),
    ],
)
def test_a_dictionary_that_describes_no_network_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        from_dict(asdict(YOLO_TINY) | change)


def test_a_network_that_fits_into_no_memory_is_refused_before_it_is_made():
    with pytest.raises(ValueError, match="fc1 would have more than"):
        YOLO(replace(YOLO_TINY, connected_channels=65536, grid=8, head_channels=(65536,)))
    with pytest.raises(ValueError, match="conv2 would have more than"):
        YOLO(replace(YOLO_448, grid=448, convolutions=(Convolution(60000, 1), Convolution(60000, 15))))
