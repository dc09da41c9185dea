"""What is wrong with data: explore --check."""
