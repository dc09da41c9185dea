"""The benchmarks against other frameworks: their tables and figures, and that the graphs are the same."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import augmentation, prelabeling, same_bits, small_sets, table, uneven_cores, variants
from benchmarks.base import scenes
from benchmarks.base.letters import letter_mask, letter_scene
from benchmarks.comparison import TOLERANCE, check
from benchmarks.forward import difference, flops
from benchmarks.training_step import KINKS, tolerance
from benchmarks.worker import PeerError, Worker
from numpyssd import kernels
from numpyssd.config import SSD300, TINY
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.drawing import new_figure
from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD
from numpyssd.run.recipes import RECIPES
from numpyssd.ssd import SSDDetector
from numpyssd.training.batches import Batches

THIN = replace(SSD300, width=1 / 16)
SECONDS = {"numpyssd": [0.2, 0.1, 0.3], "slow": [0.9, 0.8, 1.0]}


@pytest.fixture
def batch():
    rows = table.rows(SECONDS, {"numpyssd": 2**30, "slow": 2**31}, {"numpyssd": 0.0, "slow": 1e-5}, gflop=60.0)
    return {"batch_size": 4, "sgemm_gflops": 190.0, "left_out": {"other": "it cannot read the graph"}, "rows": rows}


def test_rows_are_medians_and_ratios_the_fastest_first(batch):
    assert [row["peer"] for row in batch["rows"]] == ["numpyssd", "slow"]
    assert [row["median"] for row in batch["rows"]] == [0.2, 0.9]
    assert [row["ratio"] for row in batch["rows"]] == pytest.approx([1, 4.5])
    assert [row["gflops"] for row in batch["rows"]] == pytest.approx([300, 60 / 0.9])


def test_the_table_says_all_of_it(batch):
    lines = table.markdown(batch).splitlines()
    assert lines[0].startswith("Batch 4; NumPy's BLAS multiplies matrices at 190 GFLOP/s")
    assert "| **numpyssd** | 0.200 | 0.100 | 0.300 | 1.00 | 300 | 1024 |  |" in lines
    assert "| slow | 0.900 | 0.800 | 1.000 | 4.50 | 67 | 2048 | 1e-05 |" in lines
    assert "other is left out: it cannot read the graph" in lines  # never unsaid


def test_the_figure_has_a_bar_for_each_peer(batch):
    _, ax = new_figure()
    table.draw_times(ax, batch)
    assert [bar.get_width() for bar in ax.patches] == [0.2, 0.9]
    assert [text.get_text() for text in ax.texts] == ["0.2 s, fastest", "0.9 s, 4.50 x"]


def test_a_peer_that_computes_something_else_is_found():
    ours = {"loc": np.ones((1, 3, 4)), "conf": np.ones((1, 3, 2))}
    assert check(ours, ours, difference, tolerance) == 0
    assert check(ours | {"conf": ours["conf"] + 0.0005}, ours, difference, tolerance) == pytest.approx(0.0005)
    for wrong in (ours["conf"] + 0.01, np.full((1, 3, 2), np.nan), np.ones((1, 2, 2))):
        with pytest.raises(PeerError, match="conf differs"):
            check(ours | {"conf": wrong}, ours, difference, tolerance)
    with pytest.raises(PeerError, match="conf for one"):
        check({"loc": ours["loc"]}, ours, difference, tolerance)


def test_only_gradients_in_float32_are_allowed_their_kinks():
    assert (tolerance("loc"), tolerance("conf")) == (TOLERANCE, TOLERANCE) == (1e-3, 1e-3)
    assert (tolerance("conf.5.weight"), tolerance("conv1_1.bias")) == (KINKS, KINKS)
    ours = {"conf": np.ones(3), "conv7.bias": np.ones(3)}
    assert check(ours | {"conv7.bias": np.full(3, 1.02)}, ours, difference, tolerance) == pytest.approx(0.02)
    # What is furthest beyond its own bound is named, not what is furthest off.
    with pytest.raises(PeerError, match="conf differs"):
        check({"conf": np.full(3, 1.002), "conv7.bias": np.full(3, 1.02)}, ours, difference, tolerance)


def test_work_of_ssd300():
    assert flops(SSD300) / 1e9 == pytest.approx(62.8, abs=0.3)  # twice the 31.4 thousand million multiply-adds


@pytest.fixture
def both():
    """The same thin network as ours and as PyTorch's."""
    torch = pytest.importorskip("torch", reason="PyTorch is for the benchmarks only: requirements-benchmark.txt")
    from benchmarks.network import Network

    kernels.use("cpu")
    model = SSD(THIN, seed=1)
    x = np.random.default_rng(0).standard_normal((2, 300, 300, 3), np.float32) * 50
    return torch, model, Network(model), x, torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))


def test_pytorch_has_the_same_graph_and_gradients(both):
    torch, model, network, x, planes = both
    from benchmarks.network import as_ours, parameters

    ours, theirs = model.forward(x), network(planes)
    rng = np.random.default_rng(1)
    douts = [rng.standard_normal(array.shape, np.float32) for array in ours]
    for a, b in zip(ours, theirs):
        assert difference(b.detach().numpy(), a) < 1e-4
    model.backward(*douts)
    torch.autograd.backward(theirs, [torch.from_numpy(dout) for dout in douts])
    gradients = {name: as_ours(parameter.grad) for name, parameter in parameters(network).items()}
    assert gradients.keys() == model.parameters().keys()
    for name, parameter in model.parameters().items():
        gap = np.linalg.norm(gradients[name] - parameter.grad)
        assert gap <= 1e-3 * np.linalg.norm(parameter.grad), name


def test_the_gradients_agree_in_float64_whichever_way_kinks_fall(both, tmp_path):
    from benchmarks.peers import Job
    from benchmarks.training_peers import Float64

    worker = Worker(Float64, Job(THIN, 1, 1, tmp_path))
    worker.ask("outputs", tmp_path / "differences.npz")
    worker.close()
    with np.load(tmp_path / "differences.npz") as found:
        assert found.keys() == both[1].parameters().keys()
        assert max(float(value) for value in found.values()) < 1e-9


def test_a_step_of_both_optimizers_is_the_same(both, tmp_path):
    torch, model, network, _, _ = both
    from benchmarks.network import as_ours, parameters
    from benchmarks.peers import Job
    from benchmarks.training_peers import Numpyssd, PyTorch

    torch.save(network, tmp_path / "network.pt")
    job = Job(THIN, 1, 1, tmp_path, seed=1)  # the seed of the fixture's model
    ours, theirs = Numpyssd(job), object.__new__(PyTorch)
    before = {name: parameter.value.copy() for name, parameter in ours.model.parameters().items()}
    torch_threads = torch.get_num_threads()
    torch.set_num_interop_threads, keep = lambda count: None, torch.set_num_interop_threads  # only once a process
    try:
        theirs.__init__(job)
    finally:
        torch.set_num_interop_threads = keep
    for _ in range(2):  # in the second one momentum counts
        ours.run()
        theirs.run()
    torch.set_num_threads(torch_threads)
    moved = parameters(theirs.network)
    for name, parameter in ours.model.parameters().items():
        step = np.linalg.norm(parameter.value - before[name])
        assert step > 0, name
        assert np.linalg.norm(as_ours(moved[name]) - parameter.value) < 0.05 * step + 1e-6, name


def test_onnx_has_the_same_graph(both, tmp_path):
    _, model, network, x, planes = both
    pytest.importorskip("onnx", reason="ONNX is for the benchmarks only: requirements-benchmark.txt")
    onnxruntime = pytest.importorskip("onnxruntime")
    from benchmarks.network import save_onnx

    path = str(tmp_path / "network.onnx")
    save_onnx(network.eval(), len(x), 300, path)
    theirs = onnxruntime.InferenceSession(path).run(["loc", "conf"], {"x": planes.numpy()})
    for a, b in zip(model.infer(x), theirs):
        assert difference(b, a) < 1e-4


def test_ways_to_augment_are_compared_on_the_same_samples(capsys):
    scene = augmentation.grain(60, 80), np.array([[10.0, 10, 50, 50]]), np.array([1])
    assert np.ptp(scene[0]) > 100
    augmentation.compare("an image", [scene], 4)
    name, *lines = capsys.readouterr().out.splitlines()
    assert name == "an image"
    levels = [float(line.split(" ms a sample, ")[1].split()[0]) for line in lines]
    assert len(levels) == 3
    assert levels[0] == 0
    assert 0 < levels[1] < 3
    assert 0 < levels[2] < 20


def test_a_slow_core_that_takes_the_last_piece_holds_up_the_fast_ones():
    pieces = [1.0] * 8
    assert uneven_cores.seconds(pieces, [1] * 4) == 2
    assert uneven_cores.seconds(pieces, [1] * 3) == 3  # 3 + 3 + 2 pieces
    assert uneven_cores.seconds(pieces, [1] * 4 + [0.25] * 4) == 4  # slower than the four alone
    assert uneven_cores.seconds([0.125] * 64, [1] * 4 + [0.25] * 4) == 1.625  # faster, with an eighth of the size
    assert uneven_cores.speed_up([pieces, [2.0]], 2, [1] * 4) == (8 + 2 + 2) / (2 + 2 + 2)


def test_the_pieces_of_a_pass_are_all_timed():
    from numpyssd.kernels.cpu.runtime import threads

    kernels.use("cpu")
    before = threads.parallel
    passes = dict(uneven_cores.passes(TINY, 2))
    forward, outside = uneven_cores.time_pieces(passes["forward"], 2)
    assert len(forward) > 20
    assert sum(map(len, forward)) > 2 * len(forward)
    assert all(taken >= 0 for pieces in forward for taken in pieces)
    assert outside > 0
    step, _ = uneven_cores.time_pieces(passes["step"], 1)
    assert len(step) > 2 * len(forward)
    assert threads.parallel is before


def test_the_table_of_uneven_cores(capsys):
    uneven_cores.main(["--preset", "tiny", "--batch-size", "1", "--rounds", "1"])
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert [row[0] for row in rows[2:]] == [f"| {name}" for name in uneven_cores.CORES]
    assert all(1 <= float(number.strip("| ")) < 8 for row in rows[2:] for number in row[1:])


def test_equal_bits_have_the_same_letter():
    assert same_bits.letters(["x", "y", "x", "z"]) == ["a", "b", "a", "c"]
    assert len(set(same_bits.letters(["x"] * 3))) == 1


def test_corrections_count_what_a_person_would_do():
    objects, classes = (
        np.array([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10], [60, 0, 70, 10]]),
        np.array([1, 1, 2, 1]),
    )
    found = np.array([[0, 0, 10, 10], [20, 0, 30, 7], [40, 0, 50, 10], [80, 0, 90, 10], [0, 0, 10, 9]])
    counts = prelabeling.corrections(found, np.array([1, 1, 1, 1, 1]), objects, classes)
    # The second is too low, the third is of another class, the fourth object has no box, and two boxes have no object.
    assert counts == {"drawn": 1, "drawn again": 1, "renamed": 1, "deleted": 2, "right": 1}
    nothing = np.zeros((0, 4)), np.zeros(0, int)
    assert prelabeling.corrections(*nothing, objects, classes)["drawn"] == 4
    assert prelabeling.corrections(found, np.ones(5, int), *nothing)["deleted"] == 5
    assert prelabeling.hours({"drawn": 3600, "right": 1800}) == pytest.approx(7 + 0.8)


def test_the_table_of_small_sets_has_mean_and_spread():
    runs = {
        "as --data trains|20|0": {"mAP": 0.5},
        "as --data trains|20|1": {"mAP": 0.7},
        "only flips|50|0": {"mAP": 0.8},
    }
    lines = small_sets.markdown({"iterations": 10, "runs": runs}).splitlines()
    assert lines[0] == "| 10 iterations | 20 images | 50 images |"
    assert lines[2:] == ["| as --data trains | 0.600 ± 0.141 (2) |  |", "| only flips |  | 0.800 (1) |"]


def test_a_part_of_a_data_set_is_the_same_for_a_seed_and_grows():
    order = small_sets.shuffled(range(50), 3)
    assert sorted(order) == list(range(50))
    assert list(order) != list(range(50))
    assert list(small_sets.shuffled(range(50), 3)) == list(order)


def test_a_rendered_scene_depends_on_its_number_alone_and_its_boxes_lie_inside():
    for number in (0, 1, 2):
        image, boxes, labels = scenes.scene(number)
        again = scenes.scene(number)
        assert all(np.array_equal(a, b) for a, b in zip((image, boxes, labels), again))
        assert image.shape == (scenes.SIZE, scenes.SIZE, 3)
        assert image.dtype == np.uint8
        assert len(boxes) == len(labels)
        assert (boxes[:, :2] < boxes[:, 2:]).all()
        assert boxes.min(initial=0) >= 0
        assert boxes.max(initial=0) <= scenes.SIZE
        assert all(1 <= label <= len(scenes.CLASS_NAMES) for label in labels)
    assert not np.array_equal(scenes.scene(3)[0], image)


def test_every_rendered_outline_is_a_box_with_something_in_it():
    random = np.random.default_rng(0)
    for label in range(len(scenes.CLASS_NAMES)):
        mask, left, top = scenes.draw_mask(random, scenes.outline_of(random, label), 60.0)
        assert 0.05 < (mask > 0.5).mean() < 0.95, scenes.CLASS_NAMES[label]
        assert 60 <= max(mask.shape) <= 64


def test_letters_are_labeled_boxes_and_others_lie_between():
    image, boxes, labels = letter_scene(3)
    assert (image.shape, image.dtype) == ((320, 320, 3), np.uint8)
    assert len(boxes) == len(labels) > 0
    assert set(labels) <= {1, 2, 3, 4}
    assert (boxes[:, 2:] > boxes[:, :2]).all()
    assert boxes.min() >= 0
    assert boxes.max() <= 320
    np.testing.assert_array_equal(image, letter_scene(3)[0])
    mask, _, _ = letter_mask(np.random.default_rng(0), "A", 60)
    assert max(mask.shape) == 60
    assert 0.1 < (mask > 0.5).mean() < 0.9


def test_runs_of_another_recipe_are_not_mixed(tmp_path, monkeypatch):
    run = {"val": 0.5, "mAP": 0.25, "per_class": {}, "iteration": 1}
    monkeypatch.setattr(small_sets, "run_once", lambda *_: run)
    monkeypatch.setattr(small_sets, "VOCDataset", lambda *_, **__: None)
    asked = ["--data", "x", "--sizes", "7", "--seeds", "2", "--only", "as --data trains", "--out", str(tmp_path)]
    small_sets.main(asked)
    table = (tmp_path / "small_sets_1360.md").read_text()
    assert "| as --data trains | 0.250 ± 0.000 (2) |" in table
    assert small_sets.main(asked) is None
    other = {**RECIPES, "compact": replace(RECIPES["compact"], lr=1.0)}
    monkeypatch.setattr(small_sets, "RECIPES", other)
    with pytest.raises(InputError, match=r"small_sets_1360.json was made with another recipe"):
        small_sets.main(asked)


def test_each_variant_is_a_recipe_that_makes_batches():
    dataset = ShapesDataset(2, 64)
    for variant in variants.VARIANTS.values():
        recipe = replace(RECIPES["compact"], **variant.get("recipe", {}))
        detector = SSDDetector(SSD(TINY), recipe.matching, recipe.loss)
        batches = Batches(dataset, TINY, detector.make_targets, 2, 0, **recipe.augmentation)
        assert batches.batch(0).images.shape == (2, 64, 64, 3)
