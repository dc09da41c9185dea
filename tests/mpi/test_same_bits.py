"""R ranks do, bit for bit, what one process does with as many parts: weights, momenta, running averages, log."""

from pathlib import Path

import mpiexec
import numpy as np
import pytest
from same_run import same

from numpyssd.weights.formats.npz import read

pytest.importorskip("mpi4py", reason="this test needs MPI: make check-mpi brings it")
RUNS = Path(__file__).with_name("short_runs.py")
ALL = ("tiny", "average", "compact", "plain", "yolo", "faster_rcnn")


def runs(ranks, folder, *names):
    result = mpiexec.run(ranks, RUNS, folder, *names, timeout=300)
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def one_process(tmp_path_factory):
    """Return the folder with the runs of one process."""
    folder = tmp_path_factory.mktemp("one")
    runs(1, folder, *ALL, "three parts")
    return folder


@pytest.mark.parametrize("ranks", [2, 4])
def test_powers_of_two(one_process, tmp_path, ranks):
    said = runs(ranks, tmp_path, *ALL)
    for name in ALL:
        same(tmp_path / name, one_process / name)
    assert said.count("iteration 6: mAP") == 2  # of "tiny" and "average": rank 0 alone speaks


def test_three_ranks_with_a_part_each_and_with_four_parts(one_process, tmp_path):
    runs(3, tmp_path, "three parts", "tiny")
    same(tmp_path / "three parts", one_process / "three parts")
    same(tmp_path / "tiny", one_process / "tiny")


def test_without_a_size_of_parts_each_rank_has_one(one_process, tmp_path):
    runs(4, tmp_path, "one part each")
    arrays, expected = (read(folder / "last.npz")[1] for folder in (tmp_path / "one part each", one_process / "tiny"))
    assert np.array_equal(arrays["conv1_1.weight"], expected["conv1_1.weight"]) is False  # "tiny" clips gradients
    runs(1, tmp_path / "whole", "one part each")
    whole = read(tmp_path / "whole" / "one part each" / "last.npz")[1]
    assert (
        np.linalg.norm(whole["conv1_1.weight"] - arrays["conv1_1.weight"]) > 1e-4
    )  # other statistics: another network
