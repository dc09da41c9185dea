"""The figures of the components, with their example data: ``python -m numpyssd.training.matching`` draws one."""
