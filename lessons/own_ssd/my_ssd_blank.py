"""My own SSD, to be written: the functions of the exercises, and what joins them.

It needs NumPy and nothing else. Copy this file as my_ssd.py, and replace each ``raise``.
Lesson 16 goes through it. It can also be done alone:

    python -m lessons.course.own_ssd my_ssd.py            compare it with numpyssd
    python -m lessons.course.own_ssd my_ssd.py --train    train it on the built-in set

Above each function stands in which lesson its exercise is. "Rewritten for maps" or "for
rows": the same for a whole batch, because a loop over every number is too slow; what it
takes and returns is different. "New": what joins them.

N images, K default boxes, P of them, M objects, C classes. Maps are (N, height, width,
channels). Boxes are in units of the image's side, from 0 to 1, if nothing else is said.
"""

import numpy as np

SIZE = 64  # pixels along a side of an image
CLASSES = 6  # with background, which is 0
MEAN = np.array([123, 117, 104], np.float32)  # of red, green and blue, lesson 06

# Of each feature map: cells along a side; step, scale and next scale in pixels; aspect
# ratios (lesson 08).
MAPS = (
    (16, 4, 8, 14, (1.6,)),
    (8, 8, 14, 24, (1.6,)),
    (6, 64 / 6, 24, 36, (1.6,)),
    (4, 16, 36, 48, (1.6,)),
    (2, 32, 48, 60, (1.6,)),
)
# Of each layer: name, whether a pooling comes before it, kernel, padding, channels,
# whether its output is a feature map.
LAYERS = (
    ("conv1", False, 3, 1, 16, False),
    ("conv2", True, 3, 1, 32, False),
    ("conv3", True, 3, 1, 64, False),
    ("conv4", False, 3, 1, 64, True),
    ("conv5", True, 3, 1, 128, False),
    ("conv6", False, 3, 1, 128, True),
    ("conv7", False, 1, 0, 64, False),
    ("conv8", False, 3, 0, 128, True),
    ("conv9", False, 1, 0, 64, False),
    ("conv10", False, 3, 0, 128, True),
    ("conv11", False, 1, 0, 64, False),
    ("conv12", False, 3, 0, 128, True),
)


# ---- boxes ---------------------------------------------------------------------------


# lesson 01
def iou_matrix(a, b):
    """Return the IoU (N, M) of each box of a (N, 4) with each of b (M, 4), all xyxy."""
    raise NotImplementedError


# lesson 08
def count_boxes(maps):
    """Return the number of default boxes; maps: (cells along a side, ratios) each."""
    raise NotImplementedError


# lesson 08
def box_shapes(scale, next_scale, ratios):
    """Return width and height (B, 2) of the default boxes of a cell, in pixels."""
    raise NotImplementedError


# lesson 08
def cell_centers(size, step):
    """Return x and y (size * size, 2) of the centers of a map's cells, in pixels."""
    raise NotImplementedError


# new
def default_boxes():
    """Return all default boxes, (K, 4) cxcywh: map, then cell, then box of the cell."""
    raise NotImplementedError


# ---- what the network should predict -------------------------------------------------


# lesson 09
def match_boxes(overlaps, threshold):
    """Return the object of each default box, or -1: (K,); overlaps: (M, K)."""
    raise NotImplementedError


# lesson 09
def labels_of(owner, labels):
    """Return the class (K,) that each default box should predict, 0 for background."""
    raise NotImplementedError


# lesson 09
def encode_box(box, default_box):
    """Return the offsets from default_box (4,) cxcywh to box (4,) xyxy.

    It also takes many boxes at once, as columns: (4, P) and (4, P) give (4, P).
    """
    raise NotImplementedError


# new
def targets(boxes, labels, defaults):
    """Return what to predict for one image: offsets (K, 4) float32 and classes (K,).

    boxes (M, 4) xyxy and labels (M,): its objects; defaults (K, 4) cxcywh. An image
    without objects, (0, 4) and (0,), is background everywhere.
    """
    raise NotImplementedError


# ---- layers, forwards and backwards --------------------------------------------------


# lesson 03
def output_size(size, kernel, stride, padding, dilation):
    """Return the side of a convolution's output."""
    raise NotImplementedError


# lesson 03, rewritten for maps
def convolve(x, weight, padding):
    """Return the convolution (N, H', W', B) of x (N, H, W, A), weight (k, k, A, B)."""
    raise NotImplementedError


# lesson 04
def bias_gradient(dout):
    """Return the gradient (B,) of a bias for dout (N, H, W, B)."""
    raise NotImplementedError


# lesson 04, rewritten for maps
def weight_gradient(dout, x, kernel, padding):
    """Return the gradient (k, k, A, B) for dout (N, H', W', B) and x (N, H, W, A)."""
    raise NotImplementedError


# lesson 04, rewritten for maps
def input_gradient(dout, weight, padding):
    """Return the gradient (N, H, W, A) of the input for dout (N, H', W', B)."""
    raise NotImplementedError


# lesson 05, rewritten for maps
def max_pool(x):
    """Return the largest of each 2 x 2 pixels: (N, H, W, A) -> (N, H / 2, W / 2, A)."""
    raise NotImplementedError


# lesson 05, rewritten for maps
def pool_gradient(x, dout):
    """Return the gradient of x (N, H, W, A) for dout (N, H / 2, W / 2, A)."""
    raise NotImplementedError


# lesson 02, batch_normalize rewritten for maps
def batch_norm(x, mean, variance, scale, shift):
    """Return x (N, H, W, A), normalized by mean and variance, scaled and shifted.

    The other four are (A,); 1e-5 is added to the variance.
    """
    raise NotImplementedError


# lesson 16, normal_gradient rewritten for maps
def batch_norm_gradient(dout, x, mean, variance, scale):
    """Return dx (N, H, W, A), dscale (A,) and dshift (A,) of the batch normalization.

    mean, variance (A,): those of x, so that the gradient goes through them, too.
    """
    raise NotImplementedError


# lesson 07, rewritten for maps
def normalize(x, scale):
    """Return x (N, H, W, A), each pixel's channels brought to length 1, times scale.

    scale: (A,); 1e-10 is added to the squared length.
    """
    raise NotImplementedError


# new
def normalize_gradient(dout, x, scale):
    """Return dx (N, H, W, A) and dscale (A,) of the normalization."""
    raise NotImplementedError


# ---- the network ---------------------------------------------------------------------


# new
def new_network(seed):
    """Return new weights and new averages, dictionaries from name to array, float32.

    Kernels are drawn (xavier, lesson 02); those of the predictors are a tenth as large,
    and norm.scale is 8 (lesson 13). Scales and variances are 1; all others begin at 0.

    The names of the weights, and their shapes:

    - conv1.weight (k, k, A, B), conv1_bn.scale (B,), conv1_bn.shift (B,); so for each
      of LAYERS, by its name
    - norm.scale, one number for each channel of the first map
    - loc.0.weight (3, 3, A, 4 * boxes of a cell), loc.0.bias; so for each of MAPS, 0 to 4
    - conf.0.weight (3, 3, A, CLASSES * boxes of a cell), conf.0.bias; as loc

    The names of the averages: conv1_bn.mean (B,), conv1_bn.variance (B,); as conv1.
    """
    raise NotImplementedError


# new
def block(weights, averages, name, x, padding, training):
    """Return the output of a layer, (N, H', W', B), and what its gradient needs.

    A convolution, batch normalization, ReLU. In training, the statistics are those of
    the batch, and averages move a tenth of the way to them; else they are the averages.
    """
    raise NotImplementedError


# new
def block_gradient(weights, gradients, name, dout, padding, kept):
    """Return dx (N, H, W, A) for dout (N, H', W', B); kept: what block returned.

    The gradients of weight, scale and shift are put into gradients.
    """
    raise NotImplementedError


# new
def features(weights, averages, images, training):
    """Return the list of feature maps, and what backward needs.

    images: (N, SIZE, SIZE, 3), without the mean. The maps are those that LAYERS names.
    """
    raise NotImplementedError


# lesson 07, rewritten for maps
def flatten_map(out, values):
    """Return a row for each box: (N, H, W, boxes * values) -> (N, rows, values)."""
    raise NotImplementedError


# new
def predict(weights, maps):
    """Return loc (N, K, 4), conf (N, K, C); maps: a list, as the predictors see them.

    Predictors are convolutions, 3 x 3 with padding 1 and a bias; conf are logits.
    """
    raise NotImplementedError


# new
def predict_gradient(weights, gradients, maps, dloc, dconf):
    """Return a list with the gradient of each of maps; dloc (N, K, 4), dconf (N, K, C).

    The gradients of the predictors' weights and biases are put into gradients.
    """
    raise NotImplementedError


# new
def forward(weights, averages, images, training):
    """Return loc (N, K, 4), conf (N, K, C) and what backward needs.

    The predictors see the first map normalized; the layers after it see it as it is.
    """
    raise NotImplementedError


# new
def backward(weights, kept, dloc, dconf):
    """Return the gradient of every weight, by its name; kept: what forward returned."""
    raise NotImplementedError


# ---- the loss ------------------------------------------------------------------------


# lesson 10
def smooth_l1_pair(x):
    """Return smooth L1 of each number of x, and its gradient; both have x's shape."""
    raise NotImplementedError


# lesson 10
def log_sum_exp(logits):
    """Return log(sum(exp)) of each row of logits (N, C): (N,)."""
    raise NotImplementedError


# lesson 10, rewritten for rows
def cross_entropy(logits, labels):
    """Return the losses (P,) and gradients (P, C) of logits (P, C) and labels (P,)."""
    raise NotImplementedError


# lesson 11
def mine_batch(loss, positive, ratio):
    """Return the mask (N, K) of the hardest negatives, ratio for each positive."""
    raise NotImplementedError


# lesson 10
def whole_loss(loc_losses, conf_losses, positive, negative):
    """Return the loss; loc_losses (..., 4), the others (...)."""
    raise NotImplementedError


# new
def loss_and_gradients(loc, conf, loc_targets, conf_targets):
    """Return the loss of a batch, dloc (N, K, 4) and dconf (N, K, C).

    loc, conf: what forward returned; loc_targets (N, K, 4), conf_targets (N, K). All
    three are divided by the positives of the whole batch (lesson 10).
    """
    raise NotImplementedError


# ---- training ------------------------------------------------------------------------


# lesson 13
def sgd(value, gradient, velocity, lr, momentum, decay):
    """Return the new value and the new velocity."""
    raise NotImplementedError


# lesson 13
def learning_rate(iteration, iterations, lr, warm_up):
    """Return the rate at an iteration: a warm-up, then a tenth, then a hundredth."""
    raise NotImplementedError


# lesson 12
def flip_boxes(boxes):
    """Return boxes (M, 4) xyxy of the flipped image."""
    raise NotImplementedError


# new
def prepare(images):
    """Return images (N, SIZE, SIZE, 3) uint8 as float32, without the mean."""
    raise NotImplementedError


# new
def make_batch(samples, flips, defaults):
    """Return images (N, SIZE, SIZE, 3) float32 and their targets, (N, K, 4) and (N, K).

    samples: N of (image uint8, boxes (M, 4), labels (M,)); flips: of each, whether the
    image is flipped left to right.
    """
    raise NotImplementedError


# new
def train_step(weights, averages, velocities, batch, rate):
    """Move every weight once, and return the loss of the batch before.

    batch: what make_batch returns; velocities: of each weight, zeros at first. Momentum
    is 0.9, the decay of weights 5e-4 (lesson 13). All three dictionaries change.
    """
    raise NotImplementedError


# new
def train(samples, steps, batch_size=8, lr=0.01, seed=0, look=None):
    """Return weights and averages after so many steps on samples, see make_batch.

    look(step, loss, weights, averages) is called after each step.
    """
    raise NotImplementedError


# ---- detection -----------------------------------------------------------------------


# lesson 14
def decode_box(offsets, default_box):
    """Return the box (4,) xyxy of offsets (4,) from default_box (4,) cxcywh.

    It also takes many at once, as columns: (4, K) and (4, K) give (4, K).
    """
    raise NotImplementedError


# lesson 00
def detections_over(probabilities, threshold):
    """Return rows, labels and scores over the threshold, best first.

    probabilities: (K, C), background first.
    """
    raise NotImplementedError


# lesson 14, rewritten for a row of IoUs at a time
def nms(boxes, scores, threshold):
    """Return the indices of the boxes (P, 4) xyxy that are kept, best first."""
    raise NotImplementedError


# lesson 14
def nms_each_class(boxes, labels, scores, threshold):
    """Return the indices of the boxes that are kept, class by class, best first."""
    raise NotImplementedError


# lesson 00
def to_pixels(boxes, image_shape):
    """Return boxes (P, 4) in pixels of an image of this shape, (height, width, 3)."""
    raise NotImplementedError


# new
def detect(weights, averages, image, threshold=0.01):
    """Return boxes (D, 4) xyxy in pixels, labels (D,) and scores (D,), best first.

    image: (SIZE, SIZE, 3) uint8. NMS at 0.45; at most 200 stay, clipped to the image.
    """
    raise NotImplementedError
