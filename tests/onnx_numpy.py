"""ONNX's operators in NumPy, as far as exported graphs use them and as the standard words them.

So the graphs can be run, and are tested, where no ONNX package is installed; tests/oracle runs them with ONNX Runtime.
Written from the standard, with (N, C, H, W) throughout, and shared with nothing in numpyssd.
"""

import numpy as np


def run(graph, **inputs):
    """Run a Graph on arrays by name; return the arrays of its outputs by name."""
    values = {**graph.constants, **inputs}
    for name, value in graph.inputs.items():
        assert values[name].dtype == value.dtype
        assert all(isinstance(n, str) or n == m for n, m in zip(value.shape, values[name].shape, strict=True))
    for node in graph.nodes:
        made = OPERATORS[node.op](*(values[name] for name in node.inputs), **node.attributes)
        made = made if isinstance(made, tuple) else (made,)
        values |= dict(zip(node.outputs, made, strict=True))
    for name, value in graph.outputs.items():
        assert values[name].dtype == value.dtype
        assert all(isinstance(n, str) or n == m for n, m in zip(value.shape, values[name].shape, strict=True))
    return {name: values[name] for name in graph.outputs}


def conv(x, weight, *bias, kernel_shape, strides, pads, dilations):
    assert list(weight.shape[2:]) == kernel_shape
    top, left, bottom, right = pads
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
    size = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(x.shape[2:], kernel_shape, strides, dilations)]
    out = np.zeros((len(x), len(weight), *size), x.dtype)
    out += bias[0][:, None, None] if bias else 0
    for i, j in np.ndindex(*kernel_shape):
        rows = slice(i * dilations[0], i * dilations[0] + strides[0] * (size[0] - 1) + 1, strides[0])
        columns = slice(j * dilations[1], j * dilations[1] + strides[1] * (size[1] - 1) + 1, strides[1])
        out += np.einsum("nchw,oc->nohw", x[:, :, rows, columns], weight[:, :, i, j], optimize=True)
    return out


def max_pool(x, kernel_shape, strides, pads, ceil_mode):
    (k, s), rounded = (kernel_shape[0], strides[0]), np.ceil if ceil_mode else np.floor
    height, width = (int(rounded((n + 2 * pads[0] - k) / s)) + 1 for n in x.shape[2:])
    # As much on the far side as any window can reach; padding is minus infinity, so that it is never the maximum.
    x = np.pad(x, ((0, 0), (0, 0), (pads[0], k + s), (pads[0], k + s)), constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::s, ::s]
    return windows[:, :, :height, :width].max(axis=(4, 5))


def softmax(x, axis):
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def top_k(x, k, axis):
    order = np.argsort(-x, axis=axis, kind="stable")  # of equal values the lower index first
    order = np.take(order, np.arange(k[0]), axis=axis)
    return np.take_along_axis(x, order, axis=axis), order


def non_max_suppression(boxes, scores, most, iou_threshold, score_threshold):
    """The order of the rows is not part of the standard: they are put out backwards here."""
    rows = []
    for n, c in np.ndindex(scores.shape[:2]):
        kept = []
        for i in np.argsort(-scores[n, c], kind="stable"):
            if scores[n, c, i] < score_threshold[0] or len(kept) == most[0]:
                break
            if (overlaps(boxes[n, i], boxes[n, kept]) <= iou_threshold[0]).all():
                kept.append(i)
        rows += [(n, c, i) for i in kept]
    return np.array(rows[::-1], np.int64).reshape(-1, 3)


def overlaps(box, others):
    """Return the IoU of a box (4,) with others (M, 4); 0 where they do not meet."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])  # (M, 2)
    shared = np.prod(np.maximum(sides, 0), axis=1)
    union = np.prod(box[2:] - box[:2]) + np.prod(others[:, 2:] - others[:, :2], axis=1) - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=shared > 0)


def scatter(x, indices, updates):
    x = x.copy()
    x[tuple(indices.T)] = updates
    return x


def reshape(x, shape):
    return x.reshape([m if n == 0 else n for n, m in zip(shape, (*x.shape, *shape[x.ndim :]))])


def integer_division(a, b):
    return a // b if a.dtype == np.int64 else a / b


OPERATORS = {
    "Abs": np.abs,
    "Add": np.add,
    "And": np.logical_and,
    "ArgMax": lambda x, axis, keepdims: np.argmax(x, axis, keepdims=bool(keepdims)),  # of equals the first, by default
    "Cast": lambda x, to: x.astype(to),
    "Clip": np.clip,
    "Compress": lambda x, condition, axis: np.compress(condition, x, axis),
    "Concat": lambda *xs, axis: np.concatenate(xs, axis),
    "Conv": conv,
    "Div": integer_division,
    "Exp": np.exp,
    "Gather": lambda x, indices, axis: np.take(x, indices, axis),
    "GatherND": lambda x, indices: x[tuple(indices.T)],
    "Greater": np.greater,
    "Less": np.less,
    "MaxPool": max_pool,
    "Min": np.minimum,
    "Mul": np.multiply,
    "NonMaxSuppression": non_max_suppression,
    "ReduceMax": lambda x, axes, keepdims: x.max(tuple(axes), keepdims=bool(keepdims)),
    "ReduceMin": lambda x, axes, keepdims: x.min(tuple(axes), keepdims=bool(keepdims)),
    "ReduceSum": lambda x, axes, keepdims: x.sum(tuple(axes), keepdims=bool(keepdims)),
    "Relu": lambda x: np.maximum(x, 0),
    "Reshape": reshape,
    "ScatterND": scatter,
    "Slice": lambda x, start, end, axis: np.take(x, np.arange(x.shape[axis[0]])[start[0] : end[0]], axis[0]),
    "Softmax": softmax,
    "Split": lambda x, axis: tuple(np.split(x, 2, axis)),
    "Sqrt": np.sqrt,
    "Squeeze": lambda x, axes: x.squeeze(tuple(axes)),
    "Sub": np.subtract,
    "TopK": top_k,
    "Transpose": lambda x, perm: x.transpose(perm),
    "Unsqueeze": lambda x, axes: np.expand_dims(x, tuple(axes)),
    "Where": np.where,
}
