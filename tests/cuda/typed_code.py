"""A kernel's code in LLVM's language, between Numba's part and NVIDIA's, and the same for this machine's processor."""

import re

import llvmlite.binding as llvm
import llvmlite.ir.types
import numba.cuda.codegen
from numba import cuda

BYTES = {"i8": 1, "i16": 2, "i32": 4, "i64": 8, "half": 2, "float": 4, "double": 8}
GUARD = 64  # bytes after each shared array that must stay as they are


def typed_text(kernel, signature):
    """Return the LLVM text of a kernel, as Numba hands it to NVIDIA's compiler; both are private, hence the pins."""
    kept, library, types = [], numba.cuda.codegen.CUDACodeLibrary, llvmlite.ir.types
    before = library.get_asm_strs, types.ir_layer_typed_pointers_enabled
    try:
        library.get_asm_strs = lambda self, *_, **__: (kept.extend(self.llvm_strs), [""])[1]
        types.ir_layer_typed_pointers_enabled = False  # this LLVM no longer knows what NVIDIA's still asks for
        cuda.compile_ptx(kernel, signature, cc=(8, 0))
    finally:
        library.get_asm_strs, types.ir_layer_typed_pointers_enabled = before
    (text,) = kept
    return text


def for_this_machine(text, machine):
    """Return the text with this machine's target, the shared arrays' (offset, bytes), and the number of arguments."""
    shared, bytes_used = [], 0
    text = re.sub("target triple.*", f'target triple = "{llvm.get_default_triple()}"', text)
    text = re.sub("target datalayout.*", f'target datalayout = "{machine.target_data}"', text)
    text = re.sub(r'^@"llvm\.used".*$|^!nvvm.*$|^!\d+ = !\{ ptr .*$', "", text, flags=re.M)
    text = re.sub(r"llvm\.nvvm\.read\.ptx\.sreg\.(\w+)\.([xyz])", r"fibers_\1_\2", text)
    text = text.replace("llvm.nvvm.barrier0", "fibers_barrier")
    for name, count, kind in re.findall(r'^@"(\w+)" = addrspace\(3\) global \[(\d+) x (\w+)\].*$', text, flags=re.M):
        text = re.sub(rf'^@"{name}" = .*$', "", text, flags=re.M)
        where = f"call ptr @fibers_shared(i64 {bytes_used})"
        text = re.sub(rf'addrspacecast ptr addrspace\(3\) @"{name}" to ptr', where, text)
        shared.append((bytes_used, int(count) * BYTES[kind]))
        bytes_used += -(-shared[-1][1] // 16) * 16 + GUARD
    unknown = re.findall(r".*(?:addrspace\(3\)|llvm\.nvvm).*", text)
    assert not unknown, f"something of the GPU's that is not known here: {unknown}"
    name, parameters = re.search(r'^define void (@"[^"]+")\(([^)]*)\)', text, flags=re.M).groups()
    kinds = [p.split()[0] for p in parameters.split(", ")]
    lines = ["declare ptr @fibers_shared(i64)", "define void @start(ptr %all) {"]
    for i, kind in enumerate(kinds):
        lines += [f"%a{i} = getelementptr i64, ptr %all, i64 {i}", f"%v{i} = load {kind}, ptr %a{i}"]
    lines += [f"call void {name}({', '.join(f'{kind} %v{i}' for i, kind in enumerate(kinds))})", "ret void", "}"]
    return "\n".join([text, *lines]), shared, len(kinds)
