"""Folders in the exact layout of what labeling tools export, written by hand: what ``train --data FOLDER`` is given."""
