from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from short_run import THIN, arrays_of, short_run

from numpyssd import weights
from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD
from numpyssd.run.checkpoint import load_checkpoint, save_checkpoint
from numpyssd.run.state import State
from numpyssd.training.optimizer import SGD

STATE = State(iteration=12, seconds=3.5, evaluations=1)


@pytest.fixture
def trained(tmp_path, rng):
    training = short_run(tmp_path)
    for array in training.optimizer.velocity.values():
        array[...] = rng.normal(size=array.shape)
    save_checkpoint(tmp_path / "last.npz", training.model, training.optimizer, STATE)
    return training


def test_weights_statistics_momentum_and_state_come_back(trained, tmp_path):
    other = short_run(tmp_path)
    for parameter in other.model.parameters().values():
        parameter.value += 1
    assert load_checkpoint(tmp_path / "last.npz", other.model, other.optimizer) == STATE
    for name, array in arrays_of(trained).items():
        np.testing.assert_array_equal(arrays_of(other)[name], array)
    assert other.optimizer.velocity["conv1_1.weight"].any()


def test_a_checkpoint_is_also_a_file_to_detect_with(trained, tmp_path):
    assert weights.load_model(tmp_path / "last.npz").class_names == trained.model.class_names


def refusal(path, model, names=None):
    if names:
        model.class_names = names
    with pytest.raises(InputError) as caught:
        load_checkpoint(path, model, SGD(model.parameters(), 0.1))
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def test_another_network_is_refused(trained, tmp_path):
    path = tmp_path / "last.npz"
    for other in (replace(THIN, width=0.5), replace(THIN, num_classes=4), replace(THIN, batch_norm=False)):
        assert "belongs to another network" in refusal(path, SSD(other))


def test_other_classes_are_refused(trained, tmp_path):
    text = refusal(tmp_path / "last.npz", SSD(THIN), ("a", "b", "c", "d", "e"))
    assert "knows the classes cross, ellipse, rectangle" in text
    assert "the data has a, b, c, d, e" in text


def test_best_npz_is_nothing_to_go_on_from(trained, tmp_path):
    weights.save(trained.model, tmp_path / "best.npz")
    assert "holds no momentum for conv1_1.weight; it is not a last.npz" in refusal(tmp_path / "best.npz", SSD(THIN))


def test_a_momentum_that_is_not_finite_is_refused(trained, tmp_path):
    trained.optimizer.velocity["loc.0.bias"][0] = np.nan
    save_checkpoint(tmp_path / "last.npz", trained.model, trained.optimizer, STATE)
    assert "no momentum for loc.0.bias" in refusal(tmp_path / "last.npz", SSD(THIN))


@pytest.mark.parametrize("state", [None, [], {}, {"iteration": "12", "seconds": 1}, {"iteration": 12}])
def test_a_state_that_says_nothing_is_refused(trained, tmp_path, state):
    save_checkpoint(tmp_path / "last.npz", trained.model, trained.optimizer, SimpleNamespace(to_dict=lambda: state))
    assert "does not say how far it came" in refusal(tmp_path / "last.npz", SSD(THIN))


def test_a_missing_or_cut_off_file_is_refused(trained, tmp_path):
    assert "does not exist" in refusal(tmp_path / "no.npz", SSD(THIN))
    path = tmp_path / "last.npz"
    path.write_bytes(path.read_bytes()[:5000])
    assert "damaged" in refusal(path, SSD(THIN))
