"""The base weights: ``compact`` trained on rendered scenes that cost nothing, so that photographs need fewer labels.

outlines.py: the classes' outlines; textures.py: what they and the backgrounds are covered with; scenes.py: a scene
from a number; __main__.py trains on scenes and writes the weights as float16.
"""
