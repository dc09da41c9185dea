"""What only a GPU can show. Skipped without one: python -m pytest tests/gpu, or make check-gpu."""

import numpy as np
import pytest

from numpyssd import kernels
from numpyssd.config import SSD300, TINY
from numpyssd.kernels import reference
from numpyssd.model.ssd import SSD

pytestmark = pytest.mark.gpu


@pytest.fixture(autouse=True)
def cuda():
    """The backend, or a reason why not."""
    try:
        with kernels.using("cuda") as active:
            yield active
    except ImportError as reason:
        pytest.skip(str(reason))


GEOMETRIES = (  # x, weight, stride, padding, dilation
    ((2, 19, 19, 512), (3, 3, 512, 1024), 1, 6, 6),
    ((2, 38, 37, 65), (3, 3, 65, 84), 1, 1, 1),
    ((1, 20, 21, 3), (3, 3, 3, 70), 2, 1, 1),
    ((3, 5, 7, 4), (1, 1, 4, 5), 3, 0, 1),
    ((1, 1, 1, 1), (3, 3, 1, 1), 1, 1, 1),
)


@pytest.mark.parametrize(("x", "weight", "stride", "padding", "dilation"), GEOMETRIES)
def test_convolution_and_its_gradients(cuda, rng, x, weight, stride, padding, dilation):
    x, weight, bias = (rng.standard_normal(shape).astype(np.float32) for shape in (x, weight, weight[3:]))
    geometry = stride, padding, dilation
    expected = reference.conv2d_forward(x, weight, bias, *geometry, relu=True)
    out = cuda.conv2d_forward(x, weight, bias, *geometry, relu=True)
    close(cuda.to_host(out), expected)
    dout = rng.standard_normal(expected.shape).astype(np.float32)
    found = cuda.conv2d_backward(dout, x, weight, *geometry, out=cuda.to_device(expected))
    for ours, theirs in zip(found, reference.conv2d_backward(dout, x, weight, *geometry, out=expected)):
        close(cuda.to_host(ours), theirs)


def close(ours, theirs):
    """Assert that two arrays agree to rounding, relative to their length."""
    assert np.linalg.norm(ours - theirs) <= 1e-5 * np.linalg.norm(theirs) + 1e-6


def test_pooling_is_equal_to_the_bit(cuda, rng):
    x = rng.integers(-3, 4, (2, 75, 75, 33)).astype(np.float32)
    expected = reference.maxpool2d_forward(x, 2, 2, ceil_mode=True)
    found = cuda.maxpool2d_forward(x, 2, 2, ceil_mode=True)
    for ours, theirs in zip(found, expected):
        np.testing.assert_array_equal(cuda.to_host(ours), theirs)
    dout = rng.standard_normal(expected[0].shape).astype(np.float32)
    ours = cuda.to_host(cuda.maxpool2d_backward(dout, found[1], x.shape, 2, 2))
    np.testing.assert_array_equal(ours, reference.maxpool2d_backward(dout, expected[1], x.shape, 2, 2))


@pytest.mark.parametrize("config", [TINY, SSD300], ids=["tiny", "ssd300"])
def test_the_whole_network_is_that_of_the_processor(rng, config):
    images = rng.standard_normal((1, config.image_size, config.image_size, 3)).astype(np.float32) * 50
    found = passes(config, images)
    with kernels.using("cpu"):
        expected = passes(config, images)
    for name in ("loc", "conf"):
        assert np.linalg.norm(found[name] - expected[name]) <= 1e-4 * np.linalg.norm(expected[name])
    # Rounding decides on which side of zero some units fall, and then gradients of theirs are there or not.
    gaps = [np.linalg.norm(found[name] - a) / max(np.linalg.norm(a), 1e-12) for name, a in expected.items()]
    assert np.median(gaps) < 1e-3
    again = passes(config, images)
    assert all(found[name].tobytes() == again[name].tobytes() for name in found)


def passes(config, images):
    """Return loc, conf and all gradients by name."""
    model, rng = SSD(config), np.random.default_rng(1)
    loc, conf = model.forward(images)
    model.backward(*(rng.standard_normal(a.shape).astype(np.float32) / np.float32(a.shape[1]) for a in (loc, conf)))
    return {"loc": loc, "conf": conf} | {name: p.grad for name, p in model.parameters().items()}


def test_training_lowers_the_loss(tmp_path):
    from numpyssd.train import main

    main(["--tiny", "--backend", "cuda", "--iterations", "60", "--out", str(tmp_path / "run")])
    log = (tmp_path / "run" / "log.csv").read_text().splitlines()
    column = log[0].split(",").index("loss")
    losses = [float(row.split(",")[column]) for row in log[1:] if row.split(",")[column]]
    assert losses[-1] < 0.7 * losses[0]
