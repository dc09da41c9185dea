"""A network as an ONNX graph: the trunk layer by layer, the detections made of its outputs, and the file."""
