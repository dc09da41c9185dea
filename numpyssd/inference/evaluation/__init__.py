"""What ``evaluate`` says besides the mean: how sure it is, from which score on, and what is taken for what."""
