"""What ``last.npz`` holds besides the weights: the momentum, the iteration and the best result so far.

The batches need no state of their own: which images come next, and how they are augmented, depends on the seed and the
iteration alone (training/batches.py).
"""

import numpy as np

from numpyssd.errors import InputError
from numpyssd.weights import loading
from numpyssd.weights.formats import npz

VELOCITY = "velocity/"


def save_checkpoint(path, model, optimizer, state):
    """Write weights, momentum and ``state`` (a dictionary of plain values) to path, all or nothing."""
    velocity = {VELOCITY + name: array for name, array in optimizer.velocity.items()}
    npz.save(model, path, extra_arrays=velocity, state=state)


def resume(path, model, optimizer):
    """Load what ``save_checkpoint`` wrote into model and optimizer, and return the state.

    Raises InputError if the file belongs to another network or holds no state to go on from.
    """
    description, arrays = npz.read(path)
    report = loading.assign(model, {name: array for name, array in arrays.items() if not name.startswith(VELOCITY)})
    if report.reinitialized or report.skipped:
        odd = (report.reinitialized or report.skipped)[0]
        raise InputError(f"{path} belongs to another network ({odd} does not fit); resume with the options of that run")
    names, stored_names = getattr(model, "class_names", None), description.get("class_names")
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
    state = description.get("state")
    if not _is_state(state):
        raise InputError(f"{path} does not say how far it came; it is not a last.npz, start anew without --resume")
    return state


def _is_state(state):
    """Return whether a value is a state of the loop: how far, how long, how often, and the best so far if there is."""
    if not isinstance(state, dict):
        return False
    counts = [state.get("iteration"), state.get("evaluations", 0), state.get("best_iteration") or 0]
    numbers = [state.get("seconds"), state.get("best_map") or 0.0]
    return all(type(n) is int and n >= 0 for n in counts) and all(
        type(n) in (int, float) and 0 <= n < float("inf") for n in numbers
    )
