"""The detector as one HTML page: the network in JavaScript, and what Python makes of a model for it."""
