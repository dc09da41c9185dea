"""Whether all ranks still hold the same network: a hash of all that training changes, compared at each checkpoint.

They take the same steps from the same sums, so they can only part by a fault: of the memory, say, or of a program.
"""

import hashlib

import numpy as np

from numpyssd.errors import InputError


def digest_of(model) -> str:
    """Return a hash of the weights and the running averages; momenta that part show in them a step later."""
    digest = hashlib.blake2b(digest_size=16)
    arrays = [parameter.value for parameter in model.parameters().values()]
    for array in arrays + [layer.running[key] for layer, key in model.running_statistics().values()]:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def refuse_drift(ranks, model, iteration: int):
    """Raise InputError, on all ranks, if one of them holds other numbers than rank 0."""
    digests = ranks.gather([digest_of(model)])
    for rank, digest in enumerate(digests):
        if digest != digests[0]:
            raise InputError(
                f"after {iteration} iterations rank {rank}, {ranks.places[rank]}, holds another network than rank 0; "
                "what was saved before is good: test the memory of that machine, and go on with --resume"
            )
