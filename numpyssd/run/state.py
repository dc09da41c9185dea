"""How far a run has come: what a checkpoint keeps besides weights and momentum."""

from dataclasses import asdict, dataclass, fields


@dataclass
class State:
    """The state of a run. The batches need none: what is in batch t depends on the seed and t alone."""

    iteration: int = 0  # steps made
    seconds: float = 0.0  # of training, earlier parts included
    best_map: float | None = None  # on the validation images
    best_iteration: int | None = None
    evaluations: int = 0  # made so far

    @classmethod
    def from_dict(cls, values) -> "State":
        """Return the State that a file holds. Raises ValueError for anything else, because a file may say anything."""
        if not isinstance(values, dict):
            raise ValueError("no state")
        state = cls(**{field.name: values[field.name] for field in fields(cls) if field.name in values})
        counts = [values.get("iteration"), state.evaluations, state.best_iteration or 0]
        numbers = [values.get("seconds"), state.best_map or 0.0]
        whole = all(type(n) is int and n >= 0 for n in counts)
        if not whole or not all(type(n) in (int, float) and 0 <= n < float("inf") for n in numbers):
            raise ValueError("a state whose numbers are none")
        return state

    def to_dict(self) -> dict:
        """Return the state as JSON can say it."""
        return asdict(self)
