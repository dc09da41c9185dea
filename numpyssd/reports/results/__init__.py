"""What a run reached, for the opening of report.html: the numbers, examples, and what to do next."""
