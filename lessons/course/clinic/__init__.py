"""The clinic of lesson 17: one healthy training, and eight with a fault each, on the built-in set."""
