"""numpyssd.training.hard_negative_mining: image by image, negatives only, ties to the lower index."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numpyssd.drawing import new_figure
from numpyssd.training.hard_negative_mining import draw_mining, hard_negatives, largest


def by_loops(loss, positive, ratio, scope="image", min_negatives=0):
    """The definition: sort the negatives of each image by falling loss, then by index, and keep the first ones."""
    chosen = np.zeros(loss.shape, bool)
    images = [[n] for n in range(len(loss))] if scope == "image" else [list(range(len(loss)))]
    for group in images:
        positives = sum(bool(positive[n, k]) for n in group for k in range(loss.shape[1]))
        negatives = [(n, k) for n in group for k in range(loss.shape[1]) if not positive[n, k]]
        negatives.sort(key=lambda place: (-loss[place], place))
        for place in negatives[: max(int(ratio * positives), min_negatives)]:
            chosen[place] = True
    return chosen


@st.composite
def batches(draw):
    shape = draw(st.tuples(st.integers(0, 4), st.integers(0, 15)))
    loss = draw(hnp.arrays(np.float32, shape, elements=st.integers(-2, 4).map(float)))  # few values: many ties
    return loss, draw(hnp.arrays(bool, shape))


@settings(deadline=None, max_examples=100)
@given(batches(), st.sampled_from([0, 1, 2.5, 3, 10000]))
def test_is_its_definition(batch, ratio):
    chosen = hard_negatives(*batch, ratio)
    assert chosen.dtype == bool
    np.testing.assert_array_equal(chosen, by_loops(*batch, ratio))


@settings(deadline=None, max_examples=100)
@given(batches(), st.sampled_from([0, 2.5, 3]), st.sampled_from(["image", "batch"]), st.sampled_from([0, 1, 4, 999]))
def test_the_other_rules_are_their_definitions(batch, ratio, scope, least):
    np.testing.assert_array_equal(hard_negatives(*batch, ratio, scope, least), by_loops(*batch, ratio, scope, least))


def test_what_scope_and_min_negatives_do():
    # By hand: image 1 holds the four largest losses and no positive.
    loss = np.array([[9.0, 1, 2, 3, 4], [10, 20, 30, 40, 50]])
    positive = np.zeros((2, 5), bool)
    positive[0, 0] = True

    def chosen(**options):
        return [np.flatnonzero(row).tolist() for row in hard_negatives(loss, positive, **options)]

    assert chosen() == [[2, 3, 4], []]
    assert chosen(scope="batch") == chosen(scope="".join(("bat", "ch"))) == [[], [2, 3, 4]]  # or read from a file
    assert chosen(min_negatives=2) == [[2, 3, 4], [3, 4]]
    assert chosen(scope="batch", min_negatives=4) == [[], [1, 2, 3, 4]]
    assert chosen(ratio=np.inf) == [[1, 2, 3, 4], []]


def test_golden():
    # By hand: one positive in each image, so three negatives of each, although all six largest lie in image 0.
    loss = np.array([[9, 8, 7, 6, 5, 4, 3], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]])
    positive = np.zeros((2, 7), bool)
    positive[0, 0] = positive[1, 6] = True
    chosen = hard_negatives(loss, positive)
    assert [np.flatnonzero(row).tolist() for row in chosen] == [[1, 2, 3], [3, 4, 5]]


def test_an_image_without_positives_gives_no_negatives():
    # Ranked over the batch, as one port does, image 1 with the largest losses would give them all.
    loss = np.array([[1.0, 2, 3, 4, 5], [100, 200, 300, 400, 500]])
    positive = np.array([[True, False, False, False, False], [False] * 5])
    assert np.flatnonzero(hard_negatives(loss, positive).any(axis=1)).tolist() == [0]
    assert not hard_negatives(loss, np.zeros((2, 5), bool)).any()


def test_positives_take_no_place_among_the_negatives():
    # Ports that sort all boxes with the positives' loss set to 0 choose positives once the negatives' run below 0,
    # or give a positive's place away when its own loss is the largest.
    loss = np.array([[50.0, -1, -2, -3, -4]])
    positive = np.array([[True, False, False, False, False]])
    assert np.flatnonzero(hard_negatives(loss, positive)).tolist() == [1, 2, 3]
    positive = np.array([[True, True, False, False, True]])  # nine wanted, two there
    assert np.flatnonzero(hard_negatives(loss, positive)).tolist() == [2, 3]


def test_ties_go_to_the_lower_index():
    positive = np.zeros((1, 9), bool)
    positive[0, 4] = True
    assert np.flatnonzero(hard_negatives(np.ones((1, 9)), positive)).tolist() == [0, 1, 2]
    loss = np.array([[1.0, 1, 1, 1, 0, 1, 2, 1, 1]])
    assert np.flatnonzero(hard_negatives(loss, positive)).tolist() == [0, 1, 6]


def test_the_largest_are_given_in_ascending_order_of_their_positions():
    values = np.array([3.0, 1, 5, 3, 4, 3])
    assert [largest(values, count).tolist() for count in range(7)] == [
        [], [2], [2, 4], [0, 2, 4], [0, 2, 3, 4], [0, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5],
    ]  # fmt: skip
    assert largest(values, 0).dtype == np.int64


def test_a_broken_ratio_is_cut_as_in_caffe():
    loss, positive = np.arange(10.0)[None], np.arange(10)[None] < 1
    assert hard_negatives(loss, positive, 1.75).sum() == 1


def test_an_infinite_loss_is_the_largest():
    loss = np.array([[0, 1, np.inf, 2, np.inf, -np.inf]])
    positive = np.array([[True, False, False, False, False, False]])
    assert np.flatnonzero(hard_negatives(loss, positive)).tolist() == [2, 3, 4]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_counts_and_order_on_a_real_size(seed):
    rng = np.random.default_rng(seed)
    loss, positive = rng.exponential(size=(3, 8732)).astype(np.float32), rng.random((3, 8732)) < 0.002
    chosen = hard_negatives(loss, positive)
    assert not (chosen & positive).any()
    np.testing.assert_array_equal(chosen.sum(axis=1), 3 * positive.sum(axis=1))
    for n in range(3):
        if chosen[n].any():
            assert loss[n, chosen[n]].min() >= loss[n, ~chosen[n] & ~positive[n]].max()


def test_wrong_arguments_are_named():
    loss, positive = np.zeros((2, 5)), np.zeros((2, 5), bool)
    for bad_loss, bad_positive in (
        (loss[0], positive[0]),
        (loss, positive[:1]),
        (loss[:1], positive),
        (loss[..., None], positive),
        (loss[..., None], positive[..., None]),
    ):
        with pytest.raises(ValueError, match=r"\(N, K\)"):
            hard_negatives(bad_loss, bad_positive)
    for bad in ({"ratio": -1}, {"ratio": np.nan}, {"min_negatives": -1}):
        with pytest.raises(ValueError, match="ratio and min_negatives must not be negative"):
            hard_negatives(loss, positive, **bad)
    with pytest.raises(ValueError, match="scope must be one of 'image', 'batch', not 'gpu'"):
        hard_negatives(loss, positive, scope="gpu")
    loss[1, 3:] = np.nan
    with pytest.raises(ValueError, match="NaN first at image 1, default box 3"):
        hard_negatives(loss, positive)


def test_figure():
    rng = np.random.default_rng(0)
    loss, positive = rng.exponential(size=100), np.arange(100) < 5
    _, ax = new_figure()
    draw_mining(ax, loss, positive)
    hard, others, cut = ax.lines
    assert len(hard.get_ydata()) == 15
    assert len(others.get_ydata()) == 80
    assert hard.get_ydata().min() >= others.get_ydata().max()
    assert cut.get_xdata()[0] == 15.5
