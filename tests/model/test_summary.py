"""The model summary: shapes as a forward pass makes them, receptive fields, the totals of the published network."""

from dataclasses import replace

import numpy as np
import pytest
from small import SMALL

from numpyssd import kernels
from numpyssd.config import SSD300, SSD512, TINY
from numpyssd.drawing import new_figure
from numpyssd.model.ssd import SSD
from numpyssd.model.summary import draw_ssd, main, summary, summary_table


@pytest.fixture(scope="module")
def ssd300():
    """The rows of the full network by name."""
    return {row.layer: row for row in summary(SSD300)}


@pytest.mark.parametrize(
    "config", [SMALL, TINY, replace(SMALL, batch_norm=True, width=0.5)], ids=["small", "tiny", "half"]
)
def test_shapes_and_parameters_are_those_of_a_real_network(config):
    with kernels.using("cpu"):
        model = SSD(config)
        shapes, x, features = {}, np.zeros((1, config.image_size, config.image_size, 3), np.float32), []
        for stage in model.stages:
            for layer in stage.layers():
                x = layer.forward(x)
                shapes[layer.name] = x.shape[1:]
            features.append(x)
        predictors = model.predictors
        shapes[predictors.norm.name] = predictors.norm.forward(features[0]).shape[1:]
        for layers in (predictors.loc, predictors.conf):
            shapes |= {layer.name: layer.forward(x).shape[1:] for layer, x in zip(layers, features)}
    rows = summary(config)
    assert {row.layer: (row.size, row.size, row.channels) for row in rows} == {
        name: shape for name, shape in shapes.items() if not name.endswith("_bn")
    }
    assert sum(row.parameters for row in rows) == sum(p.value.size for p in model.parameters().values())


def test_totals_of_ssd300(ssd300):
    # 26.3 million parameters and 31.4 thousand million multiply-adds are the published figures of SSD300 on VGG-16.
    assert sum(row.parameters for row in ssd300.values()) == 26_285_486
    assert sum(row.default_boxes for row in ssd300.values()) == 8732
    assert sum(row.multiply_adds for row in ssd300.values()) == pytest.approx(31.4e9, rel=0.002)


def test_multiply_adds_by_hand(ssd300):
    assert ssd300["conv1_1"].multiply_adds == 300 * 300 * 3 * 3 * 3 * 64
    assert ssd300["conv6"].multiply_adds == 19 * 19 * 3 * 3 * 512 * 1024
    assert ssd300["conv8_2"].multiply_adds == 10 * 10 * 3 * 3 * 256 * 512
    assert ssd300["conf.0"].multiply_adds == 38 * 38 * 3 * 3 * 512 * 4 * 21
    assert ssd300["pool1"].multiply_adds == ssd300["pool1"].parameters == 0


def test_golden_receptive_fields(ssd300):
    # By hand: field += (kernel - 1) * dilation * jump, with the jump 1 and doubled by each pooling. 92 and 196 are the
    # well-known ones of VGG-16's conv4_3 and conv5_3.
    expected = {
        "conv1_2": 1 + 2 + 2,
        "pool1": 5 + 1,  # jump 2 from here
        "conv2_2": 6 + 4 + 4,
        "pool2": 14 + 2,  # 4
        "conv3_3": 16 + 8 + 8 + 8,
        "pool3": 40 + 4,  # 8
        "conv4_3": 92,
        "pool4": 92 + 8,  # 16
        "conv5_3": 196,
        "pool5": 196 + 2 * 16,  # 3 x 3, stride 1: still 16
        "conv6": 228 + 2 * 6 * 16,
        "conv7": 420,
        "conv8_2": 420 + 2 * 16,  # stride 2: 32 from here
        "conv9_2": 452 + 2 * 32,  # 64
        "conv10_2": 516 + 2 * 64,
        "conv11_2": 644 + 2 * 64,
        "loc.0": 92 + 2 * 8,
        "conf.1": 420 + 2 * 16,
    }
    assert {name: ssd300[name].receptive_field for name in expected} == expected


def test_receptive_field_is_what_really_reaches_a_value():
    # With positive weights an impulse anywhere in the field is seen, however the windows choose. One impulse in each
    # column of the image: the middle cell of the last map of the first stage answers to 38 of them.
    with kernels.using("cpu"):
        stage = SSD(SMALL).stages[0]
        for parameter in stage.parameters().values():
            parameter.value = np.abs(parameter.value)
        x = np.zeros((96, 96, 96, 3), np.float32)
        x[np.arange(96), 52, np.arange(96)] = 1  # image n has its impulse in column n; row 52 is the middle of cell 6
        answer = stage.forward(x)[:, 6, 6].max(axis=1)
    seen = np.flatnonzero(answer > 1e-4 * answer.max())  # Winograd's zeros are sums that cancel but for the last digit
    field = next(row.receptive_field for row in summary(SMALL) if row.layer == "conv4_1")
    assert len(seen) == field == 38
    assert (seen.min() + seen.max() + 1) / 2 == (6 + 0.5) * 8  # and the center is that of the default boxes


def test_default_boxes_stand_at_the_end_of_each_stage():
    boxes = {row.layer: row.default_boxes for row in summary(replace(SSD512, width=1 / 16)) if row.default_boxes}
    expected = {
        "conv4_3": 16384,
        "conv7": 6144,
        "conv8_2": 1536,
        "conv9_2": 384,
        "conv10_2": 96,
        "conv11_2": 16,
        "conv12_2": 4,
    }
    assert boxes == expected


def test_table_is_aligned():
    lines = summary_table(replace(SSD300, width=0.25)).splitlines()
    assert lines[0].split() == [
        "layer",
        "output",
        "H",
        "x",
        "W",
        "x",
        "C",
        "parameters",
        "multiply-adds",
        "receptive",
        "field",
        "(px)",
        "default",
        "boxes",
    ]
    assert lines[1].startswith("conv1_1 ")
    assert "300 x 300 x 16" in lines[1]
    assert lines[-1].startswith("total ")
    assert lines[-1].endswith(" 8,732")
    right = len(lines[0])
    assert max(map(len, lines)) == right
    assert [len(line) for line in lines if line.startswith(("conv4_3 ", "conv11_2", "total"))] == [right] * 3
    assert all(line == line.rstrip() for line in lines)


def test_main_prints_and_draws(tmp_path, capsys):
    main(["--preset", "tiny", "--out", str(tmp_path / "tiny.png")])
    out = capsys.readouterr().out
    assert summary_table(TINY) in out
    assert (tmp_path / "tiny.png").read_bytes().startswith(b"\x89PNG")
    main(["--preset", "ssd300", "--width", "0.125", "--out", str(tmp_path / "thin.png")])
    assert summary_table(replace(SSD300, width=0.125)) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset", "ssd400"], "invalid choice: 'ssd400'"),
        (["--width", "0"], "error: --width 0 is not a useful factor"),
        (["--preset", "tiny", "--out", "a file/ssd.png"], "error: a file/ssd.png cannot be written"),
    ],
)
def test_main_says_what_is_wrong(arguments, message, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file").touch()
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_figure_has_a_block_for_each_map():
    figure, ax = new_figure()
    draw_ssd(ax, SMALL)
    assert len(ax.patches) == 3 * (1 + 4) + 1  # three faces of the image and of each map, and the predictors
    words = " ".join(text.get_text() for text in ax.texts)
    for expected in ("conv4_1\n12 x 12 x 64", "576", "conv9_2", "6 logits for each of 760 default boxes"):
        assert expected in words
