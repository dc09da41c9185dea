"""What the paper compares SSD with, on the same kernels: YOLO and Faster R-CNN."""
