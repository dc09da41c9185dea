"""What ``last.npz`` holds besides the weights: the momentum, and the state of the run."""

import numpy as np

from numpyssd.errors import InputError
from numpyssd.run.state import State
from numpyssd.weights import loading
from numpyssd.weights.formats import npz

VELOCITY = "velocity/"


def save_checkpoint(path, model, optimizer, state: State):
    """Write weights, momentum and state to path, all or nothing. Raises InputError if it cannot be written."""
    velocity = {VELOCITY + name: array for name, array in optimizer.velocity.items()}
    npz.save(model, path, extra_arrays=velocity, state=state.to_dict())


def load_checkpoint(path, model, optimizer) -> State:
    """Load what ``save_checkpoint`` wrote into model and optimizer, and return the state.

    Raises InputError if the file belongs to another network or holds no state to go on from.
    """
    description, arrays = npz.read(path)
    report = loading.assign(model, {name: array for name, array in arrays.items() if not name.startswith(VELOCITY)})
    if report.reinitialized or report.skipped:
        odd = (report.reinitialized or report.skipped)[0]
        raise InputError(f"{path} belongs to another network ({odd} does not fit); resume with the options of that run")
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
        return State.from_dict(description.get("state"))
    except ValueError:
        raise InputError(
            f"{path} does not say how far it came; it is not a last.npz, start anew without --resume"
        ) from None
