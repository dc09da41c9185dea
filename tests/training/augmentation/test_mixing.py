"""mixing: how often samples are mixed, of which images, and that a data set without it is read as before."""

import numpy as np
from short_run import THIN, batches_for

from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.training.augmentation.mixing import MOSAIC_SIDE, Mixing

DATA = ShapesDataset(6)


def asked(mixing, times=200):
    """Return which images are asked for in each call for image 2, and the samples."""
    rng, rows, samples = np.random.default_rng(0), [], []
    for _ in range(times):
        rows.append([])
        samples.append(mixing.sample(2, lambda i, row=rows[-1]: row.append(i) or DATA[i], len(DATA), 40, rng))
    return rows, samples


def test_probabilities_are_kept():
    rows, samples = asked(Mixing(0.3, 0.5))
    mosaics = [len(row) >= 4 for row in rows]
    copies = [len(row) in (2, 5) for row in rows]
    assert 0.2 < np.mean(mosaics) < 0.4
    assert 0.4 < np.mean(copies) < 0.6
    assert all(row[0] == 2 for row in rows)
    assert {i for row in rows for i in row} == set(range(6))
    for mixed, sample in zip(mosaics, samples):
        assert (sample.image.shape[0] == MOSAIC_SIDE * 40) == mixed


def test_without_it_no_random_number_is_taken():
    rng, other = np.random.default_rng(0), np.random.default_rng(0)
    assert Mixing().sample(2, DATA.__getitem__, len(DATA), 32, rng).image.shape == DATA[2].image.shape
    assert rng.random() == other.random()


def test_batches_are_mixed_and_depend_on_seed_and_number_alone():
    still = {"distort_probability": 0, "zoom_out_probability": 0, "crop_probability": 0, "flip_probability": 0}
    plain = batches_for(DATA, THIN, 3, **still)
    options = {"mosaic_probability": 1, "copy_probability": 1, **still}
    mixed, again = (batches_for(DATA, THIN, 3, **options) for _ in range(2))
    later = [mixed.batch(t) for t in range(4)][3]
    for ours, theirs in zip((later.images, *later.targets), (again.batch(3).images, *again.batch(3).targets)):
        np.testing.assert_array_equal(ours, theirs)
    assert not np.array_equal(later.images, plain.batch(3).images)
    np.testing.assert_array_equal(later.indices, plain.batch(3).indices)
