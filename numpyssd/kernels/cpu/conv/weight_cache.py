"""Weights in the form that a kernel needs, kept as soon as the same weights come a second time.

In training they never do, and a form that is four times the weights is not kept in vain. Whether weights are the same
is seen from a digest of them: nobody has to tell, and writing into the array in place is noticed too. That reads the
weights once, which is a small part of the forward pass of one picture; making the form anew is not.
"""

import weakref

import numpy as np

from numpyssd.kernels.cpu.runtime.jit import njit
from numpyssd.kernels.cpu.runtime.threads import parallel, spans

WORDS = 1 << 16  # that a thread takes at once
_forms = {}  # (id of the array, kind) -> (weak reference to the array, its sum, the form)


@njit
def _digest(words, seed):
    """Return a number that changes with any word and with their order."""
    lanes = np.full(16, np.uint64(seed))
    for at in range(0, len(words) - 15, 16):
        row = words[at : at + 16]
        for k in range(16):
            lanes[k] = (lanes[k] ^ np.uint64(row[k])) * np.uint64(0x9E3779B97F4A7C15)
    total = np.uint64(len(words))
    for at in range(len(words) // 16 * 16, len(words)):
        total = (total ^ np.uint64(words[at])) * np.uint64(0x9E3779B97F4A7C15)
    for k in range(16):
        total = (total ^ lanes[k] ^ (lanes[k] >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return total


def digest(array):
    """Return 64 bits that tell an array's content from another: any number of threads gives the same."""
    words = array.reshape(-1).view(np.uint32)
    pieces = spans(len(words), WORDS)
    found = np.empty(len(pieces), np.uint64)

    def piece(p):
        found[p] = _digest(words[slice(*pieces[p])], p)

    parallel(piece, len(pieces))
    return hash(found.tobytes()), array.shape


def prepared(weight, kind, make):
    """Return ``make(weight)``, or what it returned before for this array if that has not changed since."""
    if not weight.flags.c_contiguous:
        return make(np.ascontiguousarray(weight))
    key, now = (id(weight), kind), digest(weight)
    owner, before, form = _forms.get(key, (None, None, None))
    if owner is None or owner() is not weight or before != now:
        _forms[key] = weakref.ref(weight, lambda _: _forms.pop(key, None)), now, None
        return make(weight)
    if form is None:
        form = make(weight)
        _forms[key] = owner, now, form
    return form


def clear_weight_cache():
    """Give back the memory of all forms; each weight counts as never seen. See reference/arrays.py."""
    _forms.clear()
