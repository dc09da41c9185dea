"""The weight cache: weights in the form that an algorithm needs, kept when the same weights come a second time.

    key = id(weight), algorithm
    if key in cache and cache[key].digest == digest(weight):
        return cache[key].form
    return make(weight)

In training the weights change at each step, and a form that may be four times the weights is not kept in vain. Whether
the weights are the same is told by a digest of them, so a change in place is noticed too. The digest reads the weights
once, a small part of the forward pass of one image; making the form anew is not a small part.
"""

import weakref

import numpy as np

from numpyssd.kernels.cpu.runtime.jit import inner, njit
from numpyssd.kernels.cpu.runtime.threads import parallel, spans
from numpyssd.kernels.cpu.runtime.tickets import take

WORDS = 1 << 16  # that a thread takes at once
_forms = {}  # (id of the array, algorithm) -> (weak reference to the array, its digest, the form)


@njit
def _digests(tickets, pieces, words, found):
    piece = take(tickets)
    while piece < len(pieces):
        found[piece] = _digest(words[pieces[piece, 0] : pieces[piece, 1]], piece)
        piece = take(tickets)


@inner
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
    """Return 64 bits that tell an array's content from another, the same for any number of threads; and its shape."""
    words = array.reshape(-1).view(np.uint32)
    pieces = spans(len(words), WORDS)
    found = np.empty(len(pieces), np.uint64)
    parallel(lambda tickets: _digests(tickets, pieces, words, found), len(pieces))
    return hash(found.tobytes()), array.shape


def cached(weight, algorithm, make):
    """Return ``make(weight)``, or what it returned before for this array if the array has not changed since."""
    if not weight.flags.c_contiguous:
        return make(np.ascontiguousarray(weight))
    key, now = (id(weight), algorithm), digest(weight)
    owner, before, form = _forms.get(key, (None, None, None))
    if owner is None or owner() is not weight or before != now:
        _forms[key] = weakref.ref(weight, lambda _: _forms.pop(key, None)), now, None
        return make(weight)
    if form is None:
        form = make(weight)
        _forms[key] = owner, now, form
    return form


def clear_weight_cache():
    """Free the memory of all forms; each weight counts as never seen. See kernels/backend.py."""
    _forms.clear()
