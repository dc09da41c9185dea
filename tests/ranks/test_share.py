"""share: which parts and images are whose, and which numbers of ranks cannot share a batch."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numpyssd.errors import InputError
from numpyssd.ranks.share import share, share_of_run
from numpyssd.training.micro_batches import split


@given(images=st.integers(1, 70), at_once=st.none() | st.integers(1, 80), ranks=st.integers(1, 70))
def test_every_image_is_one_ranks_in_order_and_one_process_cuts_alike(images, at_once, ranks):
    if images < ranks:
        with pytest.raises(InputError, match=f"a batch of {images} images is too small for {ranks} ranks"):
            share(images, at_once, ranks)
        return
    shared = share(images, at_once, ranks)
    rows = [list(range(images))[shared.rows(rank)] for rank in range(ranks)]
    assert sum(rows, []) == list(range(images))
    assert all(rows)
    for rank in range(ranks):
        parts = [(first + rows[rank][0], last + rows[rank][0]) for first, last in shared.own_parts(rank)]
        assert parts == shared.parts[slice(*shared.of_ranks[rank])]
        assert all(shared.owner(part) == rank for part in range(*shared.of_ranks[rank]))
    assert split(images, shared.micro_batch()) == shared.parts
    assert max(last - first for first, last in shared.parts) <= (at_once or images)
    if len(split(images, at_once)) >= ranks:
        assert shared.parts == split(images, at_once)


def recipe(batch_size, micro_batch=None):
    return SimpleNamespace(batch_size=batch_size, micro_batch=micro_batch)


def test_parts_of_one_image_are_refused_where_statistics_are_taken_of_them():
    with pytest.raises(
        InputError, match=r"in parts of one image.* start at most 4 ranks, or take a larger --batch-siz"
    ):
        share_of_run(recipe(8), 8, normalized=True)
    with pytest.raises(InputError, match="in parts of one image"):
        share_of_run(recipe(5), 3, normalized=True)  # parts of 1, 2 and 2
    assert len(share_of_run(recipe(8), 8, normalized=False).parts) == 8
    assert len(share_of_run(recipe(8, 1), 2, normalized=True).parts) == 8  # somebody has asked for it
    assert len(share_of_run(recipe(8), 4, normalized=True).parts) == 4


def test_a_run_goes_on_with_its_parts_or_not_at_all():
    assert share_of_run(recipe(8, 2), 3, True, resumed=True).of_ranks == [(0, 1), (1, 2), (2, 4)]
    with pytest.raises(
        InputError, match="in 4 parts, too few for 5 ranks; resume with at most 4 ranks, or start a new"
    ):
        share_of_run(recipe(8, 2), 5, False, resumed=True)
    with pytest.raises(InputError, match="in one part, too few for 2 ranks; resume with one process"):
        share_of_run(recipe(8), 2, False, resumed=True)


def test_in_words():
    assert share(8, 2, 2).in_words() == "4 parts of 2 images, 2 on each rank"
    assert share(10, None, 4).in_words() == "4 parts of 2 or 3 images, 1 on each rank"
    assert share(8, 2, 3).in_words() == "4 parts of 2 images, 1 or 2 on each rank"
