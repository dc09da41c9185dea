"""The model of benchmarks/scaling, and its tables; what it measures needs MPI and a quiet machine."""

import pytest

from benchmarks.scaling import __main__ as scaling
from benchmarks.scaling.model import Parts, computing, fitted, predicted, sum_between, sum_in_machine
from benchmarks.scaling.table import markdown, network_markdown

PARTS = Parts(threads=1, fixed=0.5, per_image=2.0, bytes=110_000_000, sum_of_two=0.2)


def test_the_line_of_steps_is_found():
    assert fitted({1: 2.5, 2: 4.5, 4: 8.5, 8: 16.5}) == pytest.approx((0.5, 2.0))
    assert fitted({1: 0.5, 2: 2.0})[0] == 0  # a step cannot cost less than nothing
    assert computing(PARTS, 4) == 8.5


def test_the_sum_between_machines_is_bytes_over_bandwidth():
    assert sum_between(PARTS, 1, 1) == 0
    # 2 machines carry the gradient once each way; 0.11e9 bytes in a second at 1 Gb/s, and 6 messages of 50 us.
    assert sum_between(PARTS, 2, 1) == pytest.approx(1 + 300e-6)
    assert sum_between(PARTS, 8, 10) == pytest.approx(0.175 + 300e-6)
    assert sum_in_machine(PARTS, 1) == 0
    assert sum_in_machine(PARTS, 2) == 0.2
    assert sum_in_machine(PARTS, 8) == pytest.approx(0.35)


def test_what_a_rank_does_not_add_up_is_its_efficiency():
    found = predicted(PARTS, machines=8, ranks=1, images=4, gigabits=10)
    assert found.step == pytest.approx(8.5 + 0.175 + 300e-6)
    assert found.efficiency == pytest.approx(8.5 / found.step)
    assert found.images_per_second == pytest.approx(32 / found.step)


@pytest.mark.parametrize("cores", [1, 2, 4])
def test_the_tables_have_a_line_for_each_row(cores):
    groups = scaling.rows(cores)
    step = {"step": 2.0, "sum": 0.25, "waited": 0.125, "sent": {"in a machine": 3_000_000, "between machines": 0}}
    of_rows = {row.key(): scaling.summed_up([step] * 3) for some in groups.values() for row in some}
    parts = scaling.parts_of(of_rows, 110_000_000, cores)
    machine = {"processor": "P", "vectors": "AVX2"}
    results = {"preset": "ssd300", "machine": machine, "cores": cores}
    results |= {kind: scaling.with_predictions(groups[kind], of_rows, parts[1]) for kind in ("weak", "strong")}
    results["beside"] = [{**row, **of_rows[row.key()]} for row in groups["beside"]]
    text = markdown(results, parts)
    assert text.count(" 6.2% |") == len(groups["weak"]) + len(groups["strong"])  # waited
    assert text.count("| 100 |") == 3  # 8 machines at 100 Gb/s, with 4, 8, 16 images


def test_the_table_of_imitated_machines_holds_the_model_beside():
    row = {"gigabits": 1, "wire": "float32", "machines": 2, "ranks": 1, "seconds": [1.0, 3.0, 1.5], "sent": 110_000_000}
    half = {**row, "wire": "bfloat16", "sent": 55_000_000}
    machine = {"processor": "P", "vectors": "AVX2"}
    results = {"preset": "ssd300", "machine": machine, "gradient": 110_000_000, "delay": "none", "sums": [row, half]}
    lines = network_markdown(results).splitlines()
    assert lines[-2] == "| 1 | 2 | 1 | float32 | 1.500 | 1.000 | 3.000 | 1.000 | 110 |"
    assert lines[-1].endswith("| 0.500 | 55 |")
