"""Softmax and its logarithm, shared by the confidence loss (paper eq. 3) and by inference."""

import numpy as np


def softmax(logits, axis=-1):
    """Turn logits (..., C) into probabilities of the same shape and dtype (float32 or float64; integers give float64).

    The largest logit of each row is subtracted first: it cancels in the quotient, and exp cannot overflow any more. It
    has to be the maximum of the *row*; with that of the whole array every other row could underflow to 0 / 0.
    """
    powers = np.exp(_below_row_maximum(logits, axis))
    return powers / powers.sum(axis=axis, keepdims=True)


def log_softmax(logits, axis=-1):
    """Return log(softmax(logits)) of logits (..., C), finite even where softmax itself rounds to 0."""
    shifted = _below_row_maximum(logits, axis)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def _below_row_maximum(logits, axis):
    logits = np.asarray(logits)
    if logits.ndim == 0 or logits.shape[axis] == 0:
        raise ValueError(f"logits must have at least one class along axis {axis}, got shape {logits.shape}")
    return logits - logits.max(axis=axis, keepdims=True)
