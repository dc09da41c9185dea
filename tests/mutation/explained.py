"""The mutants that do the same as the original, and why: no test can tell them apart, and none should try."""

EXPLAINED = {}
