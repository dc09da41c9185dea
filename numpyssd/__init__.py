"""SSD in NumPy: the paper's table of contents as a tree of small files.

    paper                                             file
    (needed first) boxes and their overlap            boxes.py
    (needed first) convolution, pooling, ...          kernels/reference/*.py, and the same fast: kernels/cpu/*.py
    2.1 base network (section 3)                      model/base_network.py
    2.1 multi-scale feature maps                      model/extra_layers.py
    2.1 convolutional predictors                      model/predictors.py
    2.1 default boxes, 2.2 choosing scales            model/default_boxes.py
    2.2 the offsets of equation 2                     model/box_coding.py
    Figure 2, the whole graph                         model/ssd.py
    2.2 matching strategy                             training/matching.py
    2.2 training objective, equations 1 to 3          training/multibox_loss.py, training/losses.py
    2.2 hard negative mining                          training/hard_negative_mining.py
    2.2 data augmentation, 3.6                        training/augmentation/pipeline.py, geometry.py, crop_samplers.py,
                                                     photometric.py, resampling.py
    3 schedule                                        training/optimizer.py
    end of 3, inference time                          inference/postprocess.py, inference/nms.py
    3 mean average precision                          inference/average_precision.py, inference/detection_matching.py
    3.4 COCO's metrics; (Hoiem) kinds of mistakes     inference/coco_metrics.py, inference/error_split.py, mending.py

Importing this package imports nothing heavy and compiles nothing.
"""
