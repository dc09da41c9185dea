"""Weights on disk: ``save`` and ``load`` for a model that exists, ``load_model`` for a file that has a config."""

from numpyssd.weights.formats.npz import save
from numpyssd.weights.loading import load, load_model
from numpyssd.weights.report import Report

__all__ = ["Report", "load", "load_model", "save"]
