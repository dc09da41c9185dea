"""The sum of all ranks' gradients: the bits of one process, for all arrangements of ranks and machines; its traffic."""

import time

import fake_mpi
import numpy as np
import pytest

from numpyssd.ranks.gradient_sum import GradientSum
from numpyssd.ranks.pieces import LONGEST, pieces_of, spread
from numpyssd.ranks.route import Route
from numpyssd.ranks.waiting import CHECK
from numpyssd.training.by_halves import total

SIZES = [3, 40_000, 17, 250, 131_072, 1, 9_000, 70_001]
ALL = sum(SIZES)


def gradients(part):
    rng = np.random.default_rng(part)
    return [(rng.standard_normal(size) * 10.0 ** rng.integers(-4, 5, size)).astype(np.float32) for size in SIZES]


def add(some, others):
    return [a + b for a, b in zip(some, others)]


def known(span):
    return gradients(span[0]) if span[1] - span[0] == 1 else None


def summed(of_ranks, machines, wire="float32"):
    """Return the gradients on each rank, and the bytes that each has sent."""
    route = Route(of_ranks, machines)

    def work(comm, waiting):
        gradient_sum = GradientSum(comm, fake_mpi.MPI, waiting, route, SIZES, wire)
        for _ in range(2):  # again, with the buffers of the first time
            found = gradient_sum.add({span: total(span, known, add) for span in gradient_sum.own_spans})
        return found, gradient_sum.bytes

    return zip(*fake_mpi.on_threads(len(of_ranks), work))


def even(parts, ranks):
    edges = [parts * n // ranks for n in range(ranks + 1)]
    return list(zip(edges, edges[1:]))


ARRANGEMENTS = {
    "two ranks": (even(2, 2), [[0, 1]]),
    "four ranks, two parts each": (even(8, 4), [[0, 1, 2, 3]]),
    "three ranks": (even(3, 3), [[0, 1, 2]]),
    "three ranks, four parts": (even(4, 3), [[0, 1, 2]]),
    "five ranks, three parts each": (even(15, 5), [[0, 1, 2, 3, 4]]),
    "two machines": (even(4, 4), [[0, 1], [2, 3]]),
    "three machines of two": (even(6, 6), [[0, 1], [2, 3], [4, 5]]),
    "two machines of three": (even(6, 6), [[0, 1, 2], [3, 4, 5]]),
    "machines of one": (even(4, 4), [[0], [1], [2], [3]]),
    "unequal machines": (even(7, 5), [[0, 1, 2], [3], [4]]),
    "ranks in turns": (even(4, 4), [[0, 2], [1, 3]]),
}


@pytest.mark.parametrize("name", ARRANGEMENTS)
def test_every_rank_gets_the_bits_of_one_process(name):
    of_ranks, machines = ARRANGEMENTS[name]
    expected = total((0, of_ranks[-1][1]), known, add)
    found, _ = summed(of_ranks, machines)
    for arrays in found:
        assert fake_mpi.same(arrays, expected)


def test_another_order_would_be_seen():
    expected = total((0, 4), known, add)
    one_by_one = [sum(arrays, np.float32(0)) for arrays in zip(*map(gradients, range(4)))]
    assert not fake_mpi.same(one_by_one, expected)


@pytest.mark.parametrize("machines", [[[0], [1], [2], [3]], [[0, 1], [2, 3]]], ids=["machines of one", "of two"])
def test_in_bfloat16_all_ranks_agree_and_little_is_lost(machines):
    found, _ = summed(even(4, 4), machines, "bfloat16")
    first, *others = found
    assert all(fake_mpi.same(arrays, first) for arrays in others)
    size = np.concatenate([sum(abs(a) for a in arrays) for arrays in zip(*map(gradients, range(4)))])
    off = np.abs(np.concatenate(first) - np.concatenate(total((0, 4), known, add)))
    assert 0 < (off / size).max() < 2**-7  # rounded twice, by at most 2**-8 each time


def test_a_card_carries_the_gradient_once_in_each_direction_however_many_ranks_it_has():
    for count, each in ((2, 2), (4, 2), (2, 4)):
        ranks = count * each
        machines = [list(range(n, n + each)) for n in range(0, ranks, each)]
        _, sent = summed(even(ranks, ranks), machines)
        for machine in machines:
            between = sum(sent[rank]["between machines"] for rank in machine) / 2  # of the two sums
            assert between == pytest.approx(2 * (count - 1) / count * ALL * 4, rel=0.12)
        _, narrow = summed(even(ranks, ranks), machines, "bfloat16")
        assert sum(b["between machines"] for b in narrow) * 2 == sum(b["between machines"] for b in sent)


def test_a_wait_knows_for_whom_and_asks_mpi_with_the_lock_held():
    """In a slow network every wait is long enough to be looked at: MPI, asked by two threads at once, crashed there."""
    route = Route(even(2, 2), [[0], [1]])

    def work(comm, waiting):
        gradient_sum = GradientSum(comm, fake_mpi.MPI, waiting, route, SIZES)
        if comm.rank == 1:
            time.sleep(10 * CHECK)
        gradient_sum.add({span: total(span, known, add) for span in gradient_sum.own_spans})
        return waiting.news.needed

    waited, _ = fake_mpi.on_threads(2, work)
    assert {1} in waited


def test_in_a_machine_the_ranks_share_the_work():
    _, sent = summed(even(4, 4), [[0, 1, 2, 3]])
    for count in sent:
        assert count["in a machine"] / 2 == pytest.approx(2 * 3 / 4 * ALL * 4, rel=0.1)


@pytest.mark.parametrize("ways", [1, 2, 16, 64])
def test_pieces_hold_every_value_once_and_ways_carry_alike(ways):
    sizes = [*SIZES, 3_000_000]
    pieces = pieces_of(sizes, ways)
    held = sorted(entry for piece in pieces for entry in piece.entries)
    for index, size in enumerate(sizes):
        spans = [(start, stop) for i, start, stop in held if i == index]
        assert spans[0][0] == 0
        assert spans[-1][1] == size
        assert all(a[1] == b[0] for a, b in zip(spans, spans[1:]))
    assert max(piece.size for piece in pieces) <= LONGEST
    loads = np.bincount(spread(pieces, ways), [piece.size for piece in pieces], ways)
    assert loads.max() <= 1.3 * loads.mean()
