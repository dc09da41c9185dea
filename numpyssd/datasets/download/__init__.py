"""Fetch BCCD, VOC2007 or VOC2012, check the bytes, and lay them out for ``--data``."""

from numpyssd.datasets.download.fetch import download
from numpyssd.datasets.download.sources import SOURCES

__all__ = ["SOURCES", "download"]
