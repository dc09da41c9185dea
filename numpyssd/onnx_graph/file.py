"""A Graph as an ``.onnx`` file: the one place that needs the ``onnx`` package."""

from numpyssd import shell
from numpyssd.errors import InputError

# The oldest version of the operators in which all that we use have their present form. Runtimes refuse files whose
# version is newer than themselves.
OPSET = 13


def to_bytes(graph, metadata):
    """Return the content of the file; metadata is a dictionary of texts. Raises InputError without the onnx package."""
    onnx = import_onnx()
    helper, types = onnx.helper, onnx.TensorProto
    numbers = {"float32": types.FLOAT, "int64": types.INT64, "bool": types.BOOL}

    def value(name, described):
        return helper.make_tensor_value_info(name, numbers[described.dtype], described.shape)

    def node(described):
        attributes = {key: numbers[a] if key == "to" else a for key, a in described.attributes.items()}
        return helper.make_node(
            described.op, described.inputs, described.outputs, name=described.outputs[0], **attributes
        )

    described = helper.make_graph(
        [node(a) for a in graph.nodes],
        "numpyssd",
        [value(*item) for item in graph.inputs.items()],
        [value(*item) for item in graph.outputs.items()],
        [onnx.numpy_helper.from_array(array, name) for name, array in graph.constants.items()],
    )
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(
        described, opset_imports=opset, producer_name="numpyssd", ir_version=helper.find_min_ir_version_for(opset)
    )
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)  # shapes too; a graph that fails is a bug of ours
    return model.SerializeToString()


def import_onnx():
    """Return the onnx package. Raises InputError that says how to install it."""
    try:
        import onnx
    except ImportError:
        install = f"{shell.python()} -m pip install onnx"
        raise InputError(f"writing ONNX needs the onnx package, which is not installed; type: {install}") from None
    return onnx
