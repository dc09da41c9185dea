"""The parts of SSD that run on the GPU too: loss, mining, decoding, NMS."""
