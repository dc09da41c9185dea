"""File formats of weights: our .npz, PyTorch's .pth, Caffe's .caffemodel."""
