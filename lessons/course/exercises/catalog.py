"""All exercises of the course, by name."""

from lessons.course.exercises.after_ssd import EXERCISES as AFTER_SSD
from lessons.course.exercises.assembly import EXERCISES as ASSEMBLY
from lessons.course.exercises.augmentation import EXERCISES as AUGMENTATION
from lessons.course.exercises.boxes import EXERCISES as BOXES
from lessons.course.exercises.clinic import EXERCISES as CLINIC
from lessons.course.exercises.convolution import EXERCISES as CONVOLUTION
from lessons.course.exercises.convolution_backward import EXERCISES as CONVOLUTION_BACKWARD
from lessons.course.exercises.default_boxes import EXERCISES as DEFAULT_BOXES
from lessons.course.exercises.detections import EXERCISES as DETECTIONS
from lessons.course.exercises.evaluation import EXERCISES as EVALUATION
from lessons.course.exercises.feature_maps import EXERCISES as FEATURE_MAPS
from lessons.course.exercises.first_page import EXERCISES as FIRST_PAGE
from lessons.course.exercises.l2norm import EXERCISES as L2NORM
from lessons.course.exercises.losses import EXERCISES as LOSSES
from lessons.course.exercises.matching import EXERCISES as MATCHING
from lessons.course.exercises.mining import EXERCISES as MINING
from lessons.course.exercises.network import EXERCISES as NETWORK
from lessons.course.exercises.nms import EXERCISES as NMS
from lessons.course.exercises.one_grid import EXERCISES as ONE_GRID
from lessons.course.exercises.own_images import EXERCISES as OWN_IMAGES
from lessons.course.exercises.pooling import EXERCISES as POOLING
from lessons.course.exercises.receptive_field import EXERCISES as RECEPTIVE_FIELD
from lessons.course.exercises.speed import EXERCISES as SPEED
from lessons.course.exercises.training import EXERCISES as TRAINING
from lessons.course.exercises.transfer import EXERCISES as TRANSFER
from lessons.course.exercises.two_stages import EXERCISES as TWO_STAGES

EXERCISES = {
    **AFTER_SSD,
    **ASSEMBLY,
    **AUGMENTATION,
    **BOXES,
    **CLINIC,
    **CONVOLUTION,
    **CONVOLUTION_BACKWARD,
    **DEFAULT_BOXES,
    **DETECTIONS,
    **EVALUATION,
    **FEATURE_MAPS,
    **FIRST_PAGE,
    **L2NORM,
    **LOSSES,
    **MATCHING,
    **MINING,
    **NETWORK,
    **NMS,
    **ONE_GRID,
    **OWN_IMAGES,
    **POOLING,
    **RECEPTIVE_FIELD,
    **SPEED,
    **TRAINING,
    **TRANSFER,
    **TWO_STAGES,
}
