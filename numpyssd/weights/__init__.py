"""Weights on disk: ``save`` and ``load`` for a model that exists, ``load_model`` for a file that tells what it is."""

from numpyssd.weights.npz import Report, load, load_model, save

__all__ = ["Report", "load", "load_model", "save"]
