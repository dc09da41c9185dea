"""ssd: shapes and names of the released networks, and the gradient of the whole graph."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from small import SMALL

from numpyssd import kernels, weights
from numpyssd.config import SSD300, SSD512, TINY
from numpyssd.errors import InputError
from numpyssd.layers import Conv2d, ConvBlock, MaxPool2d, ReLU, Residual, Scale, Sequential
from numpyssd.model.ssd import SSD
from numpyssd.ssd import SSDDetector

NORMED = replace(SMALL, batch_norm=True)


@pytest.fixture(autouse=True)
def fast():
    """The backends are compared with each other elsewhere; here the fast one will do."""
    with kernels.using("cpu"):
        yield


@pytest.fixture(scope="module")
def ssd300():
    """The full network, made once."""
    return SSD(SSD300)


def in_float64(model, rng):
    """Convert everything to float64, and give the biases values, which are zero in a new model."""
    for name, parameter in model.parameters().items():
        parameter.value = parameter.value.astype(float)
        if name.endswith(".bias"):
            parameter.value += 0.1 * rng.standard_normal(parameter.value.shape)
    for layer, key in model.running_statistics().values():
        layer.running[key] = layer.running[key].astype(float)
    return model


def pattern(model):
    """Return a digest of every choice of the pass forward: the units that are on, the winners of the pooling."""
    digest = hashlib.sha256()
    for layer in model.layers():
        if getattr(layer, "out", None) is not None:
            digest.update(np.packbits(layer.out > 0).tobytes())
        if getattr(layer, "argmax", None) is not None:
            digest.update(layer.argmax.tobytes())
        if getattr(layer, "kept", None) is not None:  # of normalization and pooling together; last who won
            digest.update(layer.kept[-1].tobytes())
    return digest.digest()


class Gradient:
    """The loss sum(loc * dloc) + sum(conf * dconf) of a model as a function of its parameters, with its gradient."""

    def __init__(self, config, rng, images=1, training=False):
        self.model = in_float64(SSD(config), rng)
        self.model.training = training
        self.x = rng.standard_normal((images, config.image_size, config.image_size, 3))
        loc, conf = self.model.forward(self.x)
        self.dloc, self.dconf = rng.standard_normal(loc.shape), rng.standard_normal(conf.shape)
        self.pattern = pattern(self.model)
        self.model.backward(self.dloc, self.dconf)
        self.parameters = self.model.parameters()

    def loss(self):
        loc, conf = self.model.forward(self.x)
        return float((loc * self.dloc).sum() + (conf * self.dconf).sum()), pattern(self.model) == self.pattern

    def error(self, names, rng, step):
        """Return the relative gap between a central difference and the gradient along a random direction.

        The direction is normal noise in the named parameters, as large as each one's own values. Where a ReLU or a
        pooling window changes its mind between the two ends the loss has a kink and a difference says nothing; then
        other noise and a smaller step are tried.
        """
        for _ in range(6):
            moves = {}
            for name in names:
                value = self.parameters[name].value
                moves[name] = rng.standard_normal(value.shape) * np.sqrt(np.mean(value**2) + 1e-6)
            numeric, smooth = 0.0, True
            for sign in (1, -1):
                kept = {name: self.parameters[name].value for name in names}
                for name in names:
                    self.parameters[name].value = kept[name] + sign * step * moves[name]
                loss, same = self.loss()
                numeric, smooth = numeric + sign * loss / (2 * step), smooth and same
                for name in names:
                    self.parameters[name].value = kept[name]
            if smooth:
                analytic = sum(float((self.parameters[name].grad * moves[name]).sum()) for name in names)
                return abs(numeric - analytic) / max(abs(numeric), abs(analytic))
            step /= 4
        raise AssertionError("no direction without a kink; take a smaller step")


@pytest.mark.parametrize("config", [SMALL, NORMED], ids=["plain", "batch norm"])
def test_infer_is_forward_with_nothing_remembered(config, rng):
    model = SSD(config)
    for layer, key in model.running_statistics().values():
        layer.running[key] = rng.uniform(0.5, 2, layer.running[key].shape).astype(np.float32)
    x = rng.standard_normal((2, config.image_size, config.image_size, 3), np.float32)
    inferred = model.infer(x)
    remembered = [getattr(layer, name, None) for layer in model.layers() for name in ("x", "out", "argmax", "kept")]
    assert all(array is None for array in remembered)
    kept = model.forward(x)
    for a, b in zip(inferred, kept):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * np.abs(b).max())
    model.infer(x)
    with pytest.raises(ValueError, match="backward needs a call of forward"):
        model.backward(*kept)
    model.forward(x)
    model.backward(*kept)
    with pytest.raises(ValueError, match="one for each backward pass"):
        model.backward(*kept)


@pytest.mark.parametrize(
    ("config", "images", "training"),
    [
        (SMALL, 2, False),
        (NORMED, 4, True),  # with fewer, the map of one cell is normalized by running averages
        (NORMED, 2, False),
        (TINY, 3, True),  # whatever it is by now
        (replace(SSD300, width=1 / 16), 1, False),  # the real graph: dilation, ceil mode, unpadded extra layers
    ],
    ids=["small", "batch norm in training", "batch norm afterwards", "TINY", "thin SSD300"],
)
def test_gradient_of_the_whole_network(config, images, training, rng):
    gradient = Gradient(config, rng, images, training)
    for _ in range(3):
        assert gradient.error(gradient.parameters, rng, step=1e-7) < 1e-6


def test_gradient_of_each_parameter(rng):
    # A parameter with a small part of the whole gradient could be wrong and hide there; here each stands alone.
    gradient = Gradient(SMALL, rng)
    errors = {name: gradient.error([name], rng, step=1e-5) for name in gradient.parameters}
    assert {name: error for name, error in errors.items() if error >= 1e-6} == {}


def test_trunk_and_branch_add(rng):
    # The loss may look at the first map only, at the others only, or at both: the gradients of conv4 add up.
    model = in_float64(SSD(SMALL), rng)
    x = rng.standard_normal((1, 96, 96, 3))
    first = 12 * 12 * 4
    found = {}
    for which, rows in (("branch", slice(first)), ("trunk", slice(first, None)), ("both", slice(None))):
        loc, conf = model.forward(x)
        dloc, dconf = np.zeros_like(loc), np.zeros_like(conf)
        dloc[:, rows], dconf[:, rows] = 1, 1
        model.backward(dloc, dconf)
        found[which] = {name: p.grad.copy() for name, p in model.parameters().items()}
    for name in ("conv1_1.weight", "conv4_1.weight", "conv4_1.bias"):
        assert found["branch"][name].any()
        assert found["trunk"][name].any()
        np.testing.assert_allclose(
            found["branch"][name] + found["trunk"][name], found["both"][name], rtol=1e-9, atol=1e-9
        )
    # L2 normalization is on the branch, so the trunk's part does not pass through it.
    assert not found["trunk"]["conv4_3_norm.scale"].any()
    assert not found["branch"]["conv7.weight"].any()


def test_backends_agree_on_the_whole_network(rng):
    x = rng.standard_normal((3, 96, 96, 3))
    found = {}
    for name in ("reference", "cpu"):
        with kernels.using(name):
            model = in_float64(SSD(NORMED), np.random.default_rng(1))
            model.training = True
            loc, conf = model.forward(x)
            model.backward(np.ones_like(loc), np.ones_like(conf))
            found[name] = {"loc": loc, "conf": conf} | {n: p.grad for n, p in model.parameters().items()}
    for name, array in found["reference"].items():
        largest = max(np.abs(array).max(), 1)
        np.testing.assert_allclose(found["cpu"][name], array, rtol=0, atol=1e-9 * largest, err_msg=name)


def test_backends_agree_in_float32(rng):
    x = rng.standard_normal((2, 96, 96, 3)).astype(np.float32)
    loc, conf = SSD(SMALL).forward(x)
    with kernels.using("reference"):
        expected_loc, expected_conf = SSD(SMALL).forward(x)
    for found, expected in ((loc, expected_loc), (conf, expected_conf)):
        assert found.dtype == expected.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_ssd300_makes_8732_boxes(ssd300):
    loc, conf = ssd300.forward(np.zeros((1, 300, 300, 3), np.float32))
    assert loc.shape == (1, 8732, 4)
    assert conf.shape == (1, 8732, 21)
    assert loc.dtype == conf.dtype == np.float32


def test_ssd512_makes_24564_boxes():
    # A quarter of the channels has the same geometry and takes a sixteenth of the time.
    loc, conf = SSD(replace(SSD512, width=0.25)).forward(np.zeros((1, 512, 512, 3), np.float32))
    assert loc.shape == (1, 24564, 4)
    assert conf.shape == (1, 24564, 21)


def test_parameter_count_of_ssd300(ssd300):
    # By hand, layer by layer: kernel * kernel * in * out + out.
    def conv(kernel, c_in, c_out):
        return kernel * kernel * c_in * c_out + c_out

    vgg = [(3, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256), (256, 256), (256, 512)] + [(512, 512)] * 5
    base = sum(conv(3, *pair) for pair in vgg) + conv(3, 512, 1024) + conv(1, 1024, 1024)
    # VGG-16's 14,714,688 without its classifier, as everybody counts them, and conv6 and conv7.
    assert base == 14_714_688 + 4_719_616 + 1_049_600
    extra = conv(1, 1024, 256) + conv(3, 256, 512) + conv(1, 512, 128) + conv(3, 128, 256)
    extra += 2 * (conv(1, 256, 128) + conv(3, 128, 256))
    maps = [(512, 4), (1024, 6), (512, 6), (256, 6), (256, 4), (256, 4)]
    predictors = sum(conv(3, wide, boxes * (4 + 21)) for wide, boxes in maps)
    # 26,285,486 is what the common implementations of SSD300 for the 21 classes of VOC count.
    assert base + extra + 512 + predictors == 26_285_486
    assert sum(p.value.size for p in ssd300.parameters().values()) == 26_285_486


def test_parameter_names_of_ssd300(ssd300):
    blocks = ((1, 2), (2, 2), (3, 3), (4, 3), (5, 3))
    layers = [f"conv{b}_{i}" for b, count in blocks for i in range(1, count + 1)] + ["conv6", "conv7"]
    layers += [f"conv{b}_{i}" for b in (8, 9, 10, 11) for i in (1, 2)]
    predictors = [f"{kind}.{i}" for kind in ("loc", "conf") for i in range(6)]
    expected = [f"{layer}.{part}" for layer in layers for part in ("weight", "bias")]
    expected += ["conv4_3_norm.scale", *(f"{layer}.{part}" for layer in predictors for part in ("weight", "bias"))]
    parameters = ssd300.parameters()
    assert list(parameters) == expected
    assert parameters["conv6.weight"].value.shape == (3, 3, 512, 1024)
    assert parameters["loc.1.weight"].value.shape == (3, 3, 1024, 6 * 4)
    assert parameters["conf.5.weight"].value.shape == (3, 3, 256, 4 * 21)
    np.testing.assert_array_equal(parameters["conv4_3_norm.scale"].value, np.full(512, 20))
    assert all(p.value.dtype == np.float32 and p.grad.shape == p.value.shape for p in parameters.values())


def test_seed_decides_the_weights():
    same, again, other = (SSD(SMALL, seed).parameters() for seed in (3, 3, 4))
    for name in same:
        np.testing.assert_array_equal(same[name].value, again[name].value)
        if name.endswith("weight"):
            assert (same[name].value != other[name].value).any(), name


def test_every_gradient_arrives(rng):
    model = SSD(NORMED)
    model.training = True
    loc, conf = model.forward(rng.standard_normal((2, 96, 96, 3)).astype(np.float32))
    model.backward(np.ones_like(loc), np.ones_like(conf))
    for name, parameter in model.parameters().items():
        assert parameter.grad.shape == parameter.value.shape, name
        assert parameter.grad.any(), name
        assert np.isfinite(parameter.grad).all(), name


def test_images_of_a_batch_do_not_touch_each_other(rng):
    model = SSD(SMALL)
    x = rng.standard_normal((3, 96, 96, 3)).astype(np.float32)
    loc, conf = model.forward(x)
    for n in range(3):
        one_loc, one_conf = model.forward(x[n : n + 1])
        np.testing.assert_allclose(one_loc[0], loc[n], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(one_conf[0], conf[n], rtol=1e-4, atol=1e-5)
    none_loc, none_conf = model.forward(x[:0])
    assert none_loc.shape == (0, *loc.shape[1:])
    assert none_conf.shape == (0, *conf.shape[1:])


def test_training_switches_every_batch_norm(rng):
    model = SSD(NORMED)
    assert model.training is False
    x = rng.standard_normal((2, 96, 96, 3)).astype(np.float32)
    statistics = model.running_statistics()
    assert list(statistics)[:2] == ["conv1_1_bn.mean", "conv1_1_bn.variance"]
    layers = {layer for layer, _ in statistics.values()}
    assert len(layers) == 11  # 5 convolutions of the base network, conv6, conv7, and two pairs of extra layers
    before = {name: layer.running[key].copy() for name, (layer, key) in statistics.items()}
    model.forward(x)
    assert all((layer.running[key] == before[name]).all() for name, (layer, key) in statistics.items())
    model.training = True
    assert model.training is True
    assert all(layer.training for layer in layers)
    model.forward(x)
    assert all((layer.running[key] != before[name]).any() for name, (layer, key) in statistics.items())
    model.training = False
    assert not any(layer.training for layer in layers)
    assert SSD(SMALL).running_statistics() == {}


@pytest.mark.parametrize("shape", [(96, 96, 3), (1, 3, 96, 96), (1, 96, 96, 1), (1, 95, 96, 3), (1, 300, 300, 3)])
def test_wrong_input_is_an_error_that_says_what_is_right(shape):
    with pytest.raises(ValueError, match=r"x must be \(N, 96, 96, 3\), not \("):
        SSD(SMALL).forward(np.zeros(shape, np.float32))


def test_other_wrong_arguments():
    model = SSD(SMALL)
    with pytest.raises(ValueError, match="x is uint8, but weight is float32"):
        model.forward(np.zeros((1, 96, 96, 3), np.uint8))
    loc, conf = model.forward(np.zeros((1, 96, 96, 3), np.float32))
    with pytest.raises(ValueError, match=r"dloc must be \(1, 760, 4\), not \(1, 759, 4\)"):
        model.backward(loc[:, 1:], conf)
    with pytest.raises(ValueError, match=r"dconf must be \(1, 760, 6\), not \(1, 760, 5\)"):
        model.backward(loc, conf[..., 1:])


def test_a_config_that_contradicts_itself_is_an_error():
    with pytest.raises(ValueError, match="the config has 3 feature maps, its layers make 4"):
        SSD(replace(SMALL, feature_maps=SMALL.feature_maps[:3]))
    wrong = replace(
        SMALL, feature_maps=(*SMALL.feature_maps[:2], replace(SMALL.feature_maps[2], size=4), SMALL.feature_maps[3])
    )
    with pytest.raises(ValueError, match="conv8_2 is 3x3, but the config says 4x4"):
        SSD(wrong)
    with pytest.raises(ValueError, match="two layers have the name 'conv8_1'"):
        SSD(replace(SMALL, extra_layers=(SMALL.extra_layers[0], replace(SMALL.extra_layers[1], name="conv8"))))


def test_a_layer_put_in_that_changes_the_size_is_an_error():
    model = SSD(SMALL)
    model.stages[1].parts.append(MaxPool2d("pool7", 2, 2))
    with pytest.raises(ValueError, match="conv7 is 3x3, but the config says 6x6"):
        model.forward(np.zeros((1, 96, 96, 3), np.float32))


def residual_base(config, rng):
    """Return a base network of another kind, and the channels of its two feature maps."""

    def block(name, channels):
        parts = [Conv2d(name, rng, channels, channels, 3, padding=1, bias=False), Scale(f"{name}_scale", channels)]
        return [Residual(f"{name}_sum", parts), ReLU(f"{name}_relu")]

    first = [ConvBlock("conv1", rng, 3, 8, stride=2), MaxPool2d("pool1", 2, 2), *block("conv2", 8)]
    second = [ConvBlock("conv3", rng, 8, 16, stride=2, batch_norm=True), *block("conv4", 16)]
    return [Sequential(first), Sequential(second)], [8, 16]


def test_a_base_network_of_ones_own_trains_is_saved_and_detects(tmp_path, rng):
    config = replace(TINY, width=0.25)
    detector = SSDDetector(SSD(config, base=residual_base))
    images = rng.standard_normal((2, 64, 64, 3)).astype(np.float32)
    targets = [np.stack(column) for column in zip(*[detector.make_targets([[0.1, 0.2, 0.6, 0.7]], [3])] * 2)]
    losses = []
    for _ in range(4):
        detector.model.training = True
        losses.append(
            detector.loss_and_gradients(images, targets, detector.loss_divisors(detector.positives(targets))).total
        )
        for parameter in detector.model.parameters().values():
            parameter.value -= np.float32(0.001) * parameter.grad
    assert losses[-1] < losses[0]
    weights.save(detector.model, tmp_path / "mine.npz")
    other = SSD(config, seed=1, base=residual_base)
    weights.load(other, tmp_path / "mine.npz")
    for ours, theirs in zip(detector.model.infer(images), other.infer(images)):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(InputError, match="lacks conv1_1.weight"):
        weights.load_model(tmp_path / "mine.npz")
    other.parameters()["conv4.weight"].value[...] = np.inf
    assert SSDDetector(other).first_nonfinite_output(images) == "the output of conv4_sum"


def test_a_base_network_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match="the config has 5 feature maps, its layers make 4"):
        SSD(TINY, base=lambda *a: ([residual_base(*a)[0][0]], [8]))
    halved = replace(TINY, feature_maps=(replace(TINY.feature_maps[0], size=8), *TINY.feature_maps[1:]))
    with pytest.raises(ValueError, match="conv4_1 is 16x16, but the config says 8x8"):
        SSD(halved, base=residual_base).infer(np.zeros((1, 64, 64, 3), np.float32))
