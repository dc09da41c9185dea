"""All stages for one file, in order; what builds on a stage that is not right says so."""

from collections.abc import Iterator

from lessons.course.own_ssd.learning import BY_HEART, learn_by_heart
from lessons.course.own_ssd.stage import Result, one_thread, try_stage, whatever_stops
from lessons.course.own_ssd.stages import STAGES


def compare(mine, stages=None, by_heart=True) -> Iterator[Result]:
    """Yield the Result of each stage for a learner's module.

    stages: names; None for all. by_heart: whether the network learns one image at the end.
    """
    not_right = []
    for stage in STAGES:
        if stages is None or stage.name in stages:
            with one_thread():
                result = try_stage(stage, mine)
            yield _noted(result, not_right)
    if by_heart:
        yield _noted(whatever_stops(BY_HEART, learn_by_heart, mine), not_right)


def _noted(result, not_right):
    """Return a result, with a note of the stages that it builds on and that are not right."""
    if result.outcome == "right":
        return result
    before = [name for name in result.stage.after if name in not_right]
    not_right.append(result.stage.name)
    note = f"\n  It builds on a stage that is not right yet: {', '.join(before)}. Begin there." if before else ""
    return result._replace(words=result.words + note)
