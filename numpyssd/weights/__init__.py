"""Weights on disk: ``save`` and ``load`` for a model that exists, ``load_model`` for a file that tells what it is."""

from numpyssd.weights.loading import Report, load, load_model
from numpyssd.weights.npz import save

__all__ = ["Report", "load", "load_model", "save"]
