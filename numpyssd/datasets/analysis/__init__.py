"""What is in a data set, and how well default boxes suit it."""
