"""SSD in NumPy: the paper's table of contents as a tree of small files, each with a lesson that builds it.

    paper                                   file                                      lesson
    boxes and their overlap, needed first   boxes.py                                  01
    convolution, pooling, needed first      kernels/reference/*.py                    03, 04, 05
        the same, fast                      kernels/cpu/*.py, kernels/cuda/*.py       24
    3 base network                          model/base_network.py                     06
    2.1 multi-scale feature maps            model/extra_layers.py                     07
    2.1 convolutional predictors            model/predictors.py                       07
    2.1 default boxes, 2.2 their scales     model/default_boxes.py, scales.py         08
    2.2 the offsets of equation 2           model/box_coding.py                       09
    Figure 2, the whole graph               model/ssd.py                              07
    2.2 matching strategy                   training/matching.py                      09
    2.2 training objective, eq. 1 to 3      training/multibox_loss.py, losses.py      10
    2.2 hard negative mining                training/hard_negative_mining.py          11
    2.2 data augmentation, 3.6              training/augmentation/*.py                12
    3 training, its schedule                training/loop.py, optimizer.py            13
    3 inference time                        inference/postprocess.py, nms.py          14
    3 mean average precision                inference/average_precision.py            15
    3.4 the metrics of COCO                 inference/coco_metrics.py                 15
    3.2 types of errors (Hoiem)             inference/error_split.py, error_costs.py  15
    Table 1, what SSD is compared with      rivals/yolo/*.py                          20
        the same, and the first page        rivals/faster_rcnn/*.py                   21, 22

The lessons stand in the folder lessons/ of a checkout. Importing this package imports nothing heavy and compiles
nothing.
"""

__version__ = "0.1.0"
