"""What ``last.npz`` holds besides the weights: the momentum, and the state of the run.

With an average of the weights (training/weight_average.py) the arrays with the network's own names are the average, so
that every command detects with it; those that SGD goes on from stand beside them, as ``trained/NAME``.
"""

import numpy as np

from numpyssd.errors import InputError
from numpyssd.run.state import State
from numpyssd.training.weight_average import AveragedSGD, averaged
from numpyssd.weights import loading
from numpyssd.weights.formats import npz

VELOCITY, TRAINED = "velocity/", "trained/"


def save_checkpoint(path, model, optimizer, state: State):
    """Write weights, momentum and state to path, all or nothing. Raises InputError if it cannot be written."""
    extra = {VELOCITY + name: array for name, array in optimizer.velocity.items()}
    with averaged(optimizer):
        if isinstance(optimizer, AveragedSGD):  # here model and average have changed places
            extra |= {TRAINED + name: array for name, array in optimizer.average.arrays.items()}
        npz.save(model, path, extra_arrays=extra, state=state.to_dict())


def load_checkpoint(path, model, optimizer) -> State:
    """Load what ``save_checkpoint`` wrote into model and optimizer, and return the state.

    Raises InputError if the file belongs to another network or holds no state to go on from.
    """
    description, arrays = npz.read(path)
    trained = {name.removeprefix(TRAINED): array for name, array in arrays.items() if name.startswith(TRAINED)}
    plain = {name: array for name, array in arrays.items() if not name.startswith((VELOCITY, TRAINED))}
    _assign_all(model, plain, path)
    if bool(trained) != isinstance(optimizer, AveragedSGD):
        raise InputError(
            f"{path} {'keeps an' if trained else 'has no'} average of the weights; resume with the --ema of that run"
        )
    if isinstance(optimizer, AveragedSGD):
        optimizer.average.restart()
        _assign_all(model, trained, path)
    names, stored_names = model.class_names, description.get("class_names")
    if names and stored_names and tuple(names) != tuple(stored_names):
        raise InputError(
            f"{path} knows the classes {', '.join(stored_names)}, but the data has {', '.join(names)}; resume with the "
            "data of that run, or start a new one with --weights"
        )
    for name, velocity in optimizer.velocity.items():
        stored = arrays.get(VELOCITY + name)
        if stored is None or not loading.fits(stored, velocity) or not np.isfinite(stored).all():
            raise InputError(f"{path} holds no momentum for {name}; it is not a last.npz, start anew without --resume")
        velocity[...] = stored
    try:
        state = State.from_dict(description.get("state"))
    except ValueError:
        raise InputError(
            f"{path} does not say how far it came; it is not a last.npz, start anew without --resume"
        ) from None
    if isinstance(optimizer, AveragedSGD):
        optimizer.steps = state.iteration
    return state


def _assign_all(model, arrays, path):
    report = loading.assign(model, arrays)
    if report.reinitialized or report.skipped:
        odd = (report.reinitialized or report.skipped)[0]
        raise InputError(f"{path} belongs to another network ({odd} does not fit); resume with the options of that run")
