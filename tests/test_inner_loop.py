"""The counts of the innermost loop, by hand, for each kind of processor."""

import sys

import numba
import pytest

from benchmarks import inner_loop
from benchmarks.assembly import counts, hottest, innermost_loops, sums
from benchmarks.inner_loop import main, product_assembly
from numpyssd.kernels.cpu.conv.gemm import ROWS

# Four sums; two steps of k at once, so every count is halved. Around it a loop that walks over rows.
AVX2 = """
	.text
product:                                # @product
	pushq	%rbp
.LBB0_1:                                # %rows
	vxorps	%xmm0, %xmm0, %xmm0
.LBB0_2:                                # %depth
                                        #   Parent Loop BB0_1 Depth=1
	vmovups	(%r12), %ymm8
	vbroadcastss	(%rax,%r11), %ymm9      # the same number eight times
	vfmadd231ps	%ymm8, %ymm9, %ymm0
	vfmadd231ps	32(%r12), %ymm9, %ymm1
	vmovups	%ymm8, -40(%rsp)
	vbroadcastss	4(%rax,%r11), %ymm9
	vfmadd231ps	%ymm8, %ymm9, %ymm2
	vfmadd231ps	32(%r12), %ymm9, %ymm3
	addq	%r13, %rbx
	leaq	(%rax,%rax), %rsi
	vmovups	64(%r12), %ymm8
	vbroadcastss	8(%rax,%r11), %ymm9
	vfmadd231ps	%ymm8, %ymm9, %ymm0
	vfmadd231ps	%ymm8, %ymm9, %ymm1
	vfmadd231ps	%ymm8, %ymm9, %ymm2
	vfmadd231ps	-40(%rsp), %ymm9, %ymm3
	cmpq	$8, %r8
	jne	.LBB0_2
	vmovups	%ymm0, (%rdi)
	decq	%r9
	jne	.LBB0_1
	retq
"""
NEON = """
LBB0_7:                                 ; of Apple's assembler
	ldr	q24, [x18]
	ldr	q25, [x18, x8]
	ld1r	{ v26.4s }, [x16], x17  // moves x16 on
	fmla	v6.4s, v24.4s, v26.4s
	fmla	v17.4s, v25.4s, v26.s[1]
	str	q24, [sp, #16]
	add	x18, x18, x30
	subs	x13, x13, #1
	b.ne	LBB0_7
"""
WITHOUT = """
.LBB0_3:
	movss	(%rax), %xmm4
	shufps	$0, %xmm4, %xmm4
	movaps	%xmm4, %xmm5
	mulps	%xmm3, %xmm5
	addps	%xmm5, %xmm0
	mulps	%xmm2, %xmm4
	addps	%xmm4, %xmm1
	cmpl	$0, (%rdi)
	jne	.LBB0_3
"""


# Two sums of which each step has another register: vfmadd213 overwrites a factor.
ROTATED = """
.LBB2_1:
	vbroadcastss	(%rax), %ymm5
	vfmadd213ps	%ymm1, %ymm4, %ymm5
	vbroadcastss	(%rbx), %ymm6
	vfmadd213ps	%ymm2, %ymm4, %ymm6
	vbroadcastss	4(%rax), %ymm1
	vfmadd213ps	%ymm5, %ymm4, %ymm1
	vbroadcastss	4(%rbx), %ymm2
	vfmadd213ps	%ymm6, %ymm4, %ymm2
	jne	.LBB2_1
"""


def check(loop, **expected):
    """Compare the counts, named by their first words."""
    found = counts(loop)
    assert list(found.values()) == list(expected.values())
    assert [what.split()[0].replace("-", "_") for what in found] == [name.split("__")[0] for name in expected]


def test_avx2_in_two_steps():
    check(
        hottest(AVX2),
        instructions=9,
        multiply_adds=4,
        loads=4,  # five in loads of their own, three in multiply-adds
        loads__of_one_number=1.5,
        stores=0.5,
        loads__and_stores_of_the_stack=1,
        prefetches=0,
        changes=1,
    )


def test_neon():
    check(
        hottest(NEON),
        instructions=9,
        multiply_adds=2,
        loads=3,
        loads__of_one_number=1,
        stores=1,
        loads__and_stores_of_the_stack=1,
        prefetches=0,
        changes=3,  # ld1r moves its address on
    )


def test_a_processor_that_multiplies_and_then_adds():
    check(
        hottest(WITHOUT),
        instructions=9,
        multiply_adds=2,
        loads=2,
        loads__of_one_number=1,
        stores=0,
        loads__and_stores_of_the_stack=0,
        prefetches=0,
        changes=0,
    )


def test_only_innermost_loops_and_of_two_with_as_many_sums_the_one_with_more_steps():
    assert [len(loop) for loop in innermost_loops(AVX2)] == [18]
    once = AVX2.replace("LBB0", "LBB1").split("\taddq")[0] + "\tjne\t.LBB1_2\n"
    assert [len(loop) for loop in innermost_loops(once + AVX2)] == [9, 18]
    assert sums(innermost_loops(once)[0]) == 4
    assert len(hottest(once + AVX2)) == len(hottest(AVX2 + once)) == 18


def test_what_only_asks_for_memory_is_no_load():
    asking = AVX2.replace("\taddq", "\tprefetcht0\t(%rax)\n\taddq", 1)
    before, after = counts(hottest(AVX2)), counts(hottest(asking))
    assert after["prefetches"] == 0.5
    assert after["loads"] == before["loads"]
    assert after["instructions"] == before["instructions"] + 0.5


def test_a_loop_that_only_moves_registers_is_not_the_hottest():
    moving = "\n".join(f"\tmovaps\t%xmm{n}, %xmm{n + 8}\n\tmovaps\t%xmm{n + 8}, %xmm{n}" for n in range(8))
    assert hottest(f".LBB9_1:\n{moving}\n\tjne\t.LBB9_1\n" + AVX2) == hottest(AVX2)


def test_sums_may_change_their_registers():
    (loop,) = innermost_loops(ROTATED)
    assert sums(loop) == 2
    assert counts(loop)["multiply-adds"] == counts(loop)["loads"] == 2


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_the_product_keeps_its_sums_in_registers():
    for transposed in (False, True):
        loop = hottest(product_assembly(transposed))
        assert sums(loop) == 2 * ROWS
        assert counts(loop)["multiply-adds"] == sums(loop)
        assert counts(loop)["loads and stores of the stack"] == 0


@pytest.mark.parametrize("report", ["Total Cycles:      1250\n", "not the processor's\n"])
def test_the_command_prints_every_count_and_the_rate_of_the_model(report, tmp_path, monkeypatch, capsys):
    program = tmp_path / "llvm-mca-39"  # the newest of those that are installed
    program.write_text(f"#!{sys.executable}\nprint({report!r})\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(inner_loop, "product_assembly", lambda transposed: AVX2 if transposed else NEON)
    main(["--model", "neoverse-n1"])
    lines = capsys.readouterr().out.splitlines()
    assert ", 2 vectors of sums; " in lines[0]
    assert lines[1:3] == ["    9.00    9.00  instructions", "    2.00    4.00  multiply-adds"]
    end = "    1.60    6.40  multiply-adds a cycle by llvm-mca's model of neoverse-n1"
    assert lines[-1] == end if "Total" in report else "no model of neoverse-n1" in lines[-1]
