"""Which images are trained on, which choose the best weights, and which are kept for the evaluation."""
