"""The comparison of the three detectors: its rows can be built, its stages add up, its tables say what was measured."""

import numpy as np
import pytest

from benchmarks.rivals import __main__ as command
from benchmarks.rivals import figure, measuring, rows, speed, step, table, training
from benchmarks.rivals.training import config_of
from numpyssd import kernels
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.detectors import new_detector
from numpyssd.errors import InputError
from numpyssd.run.recipes import presets
from numpyssd.weights import save

MULTIPLY_ADDS = {"ssd": 52_355_072, "yolo": 37_351_424, "faster_rcnn": 117_545_984}  # of tiny, from the model summaries


@pytest.fixture(scope="module")
def dataset():
    return ShapesDataset(3, 64)


@pytest.mark.parametrize("name", rows.ROWS)
def test_each_row_is_a_detector_that_can_be_built(name, dataset):
    row = rows.ROWS[name]
    config = config_of(row, dataset)
    assert (config.detector, config.num_classes) == (row.detector, len(dataset.class_names) + 1)
    detector = row.make(config, 0)
    assert (row.of or row.trained_as or name) in rows.MAIN
    names = {layer.name for layer in detector.model.layers()}
    assert "conv1_1" in names  # all have the same trunk
    for field, value in row.changes.items():
        assert getattr(detector.model.config, field) == value


@pytest.mark.parametrize("name", rows.INPUTS)
def test_a_network_takes_its_weights_to_the_input_of_its_paper(name, dataset, tmp_path):
    row = rows.INPUTS[name]
    trained = training.make_row(rows.ROWS[row.trained_as], dataset, seed=1)
    save(trained.model, tmp_path / "kept.npz")
    detector = training.make_row(row, dataset, 0, tmp_path / "kept.npz")
    assert detector.model.config.image_size > 300
    found = list(detector.detect([dataset[0].image], batch_size=1))
    assert len(found) == 1


def test_the_weights_of_each_row_can_be_kept_and_filled_in_again(dataset, tmp_path):
    for name in ("SSD, one map", "YOLO", "Faster R-CNN, finer map"):
        detector = training.make_row(rows.ROWS[name], dataset, seed=1)
        save(detector.model, tmp_path / "kept.npz")
        again = training.make_row(rows.ROWS[name], dataset, 0, tmp_path / "kept.npz")
        for parameter, other in zip(
            detector.model.parameters().values(), again.model.parameters().values(), strict=True
        ):
            np.testing.assert_array_equal(parameter.value, other.value)
        with pytest.raises(ValueError, match="lacks conv4_1.weight"):
            training.fill(new_detector(presets("ssd")["tiny"]).model, tmp_path / "kept.npz")


def test_stages_are_parts_of_a_detection(dataset):
    with kernels.using("reference"):
        for name in ("ssd", "yolo", "faster_rcnn"):
            detector = new_detector(presets(name)["tiny"])
            detector.model.class_names = dataset.class_names
            image = dataset[0].image
            spent = speed.milliseconds(detector, image, rounds=1)
            assert list(spent)[0] == "resize"
            assert list(spent)[-1] == "boxes and NMS"
            assert all(value >= 0 for value in spent.values())
            assert spent["trunk"] > spent["resize"]
            assert speed.multiply_adds(detector, image) == MULTIPLY_ADDS[name]


def test_a_training_step_is_counted_and_timed(capsys):
    step.main(["--preset", "tiny", "--rounds", "1", "--threads", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert [line[:12].strip() for line in lines[2:]] == ["SSD", "YOLO", "Faster R-CNN"]
    # Training reads 32 regions of an image, detection 100: 37 + 32 x 0.82 million.
    counts = [float(line.split()[-3]) for line in lines[2:]]
    assert counts == pytest.approx([52.4, 37.4, 61.6], abs=0.06)


def test_sizes_are_those_at_the_input_of_the_network(dataset):
    truth = [(np.array([[0, 0, 32, 32.0]]), np.array([1]), np.array([False]))] * 3
    found, scaled = measuring.at_network_size([(np.zeros((0, 4)), np.zeros(0), np.zeros(0))] * 3, truth, dataset, 300)
    np.testing.assert_allclose(scaled[0][0], [[0, 0, 150, 150]])
    assert found[0][0].shape == (0, 4)


def made_up(value):
    errors = {"objects": 10, "correct": 8} | dict.fromkeys(table.ERROR_TYPES, 1)
    sizes = {"small": None, "medium": value, "large": value / 2}
    timed = {"milliseconds": {"resize": 1.0, "trunk": 20.0}, "images_per_second": {"1": 40.0, "8": 50.0}}
    timed |= {"multiply_adds": 10**9, "parameters": 10**6, "peak_MiB": None}
    return {
        "mAP": value, "coco": value / 2, "per_class": {"a": value}, "AP50_by_size": sizes, "recall50_by_size": sizes,
        "errors": errors, "lr": 0.008, "val": value, "iterations": 10, "seconds": 60.0, "speed": timed,
    }  # fmt: skip


def test_the_tables_and_the_figure_show_what_was_measured(tmp_path):
    runs = {"SSD|0": made_up(0.5), "SSD|1": made_up(0.7), "YOLO|0": made_up(0.25)}
    inputs = {"YOLO, 448 px": made_up(0.5)["speed"]}
    results = {
        "inputs": inputs,
        "epochs": 3,
        "minutes": None,
        "search": {"SSD": {"0.008": 0.4, "0.016": 0.5}},
        "runs": runs,
    }
    text = table.markdown(results)
    assert "| SSD | 0.400 | 0.500 |" in text
    assert "| SSD (2) | 0.600 ± 0.141 | 0.300 ± 0.071 | 0.600 ± 0.141 |" in text
    assert "| YOLO (1) | 0.250 |" in text
    assert "small" not in text
    assert "| SSD | 80.0 | 10.0 |" in text
    assert "| SSD | 1.0 | 20.0 | 40 | 50 | 1.00 | 1.00 |  |" in text
    assert "| YOLO, 448 px | 1.0 |" in text
    assert "Faster" not in text
    figure.draw(results, tmp_path / "rivals.png")
    assert (tmp_path / "rivals.png").stat().st_size > 20_000


def test_runs_of_another_length_are_not_mixed(tmp_path):
    (tmp_path / "rivals_shapes.json").write_text('{"epochs": 3, "minutes": null, "search": {}, "runs": {}}')
    with pytest.raises(InputError, match=r"rivals_shapes.json was made with another length \(3 epochs\)"):
        command.main(["--data", "shapes", "--epochs", "4", "--out", str(tmp_path), "--threads", "1"])
