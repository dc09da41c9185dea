"""The exercises of the lessons, a file per family: each a question, hints, the answer, and mistakes with a name."""
