"""What a file of weights contains, whoever wrote it: arrays in our names and layout, and a description."""

from dataclasses import dataclass, field

from numpyssd.config import Config


@dataclass(frozen=True)
class FileContents:
    """The contents of a file of weights, converted to our names and layout.

    - source: whose file it is and for which network, in words, such as "torchvision's SSD300, 91 classes";
    - arrays: our name -> array;
    - input_rule: the fields of a Config that say how an image becomes the input of the network;
    - origins: our name -> (name in the file, shape in the file);
    - unused: name in the file -> shape;
    - config: None for a base network alone, and for a detector that is no SSD;
    - class_names: None if there are none;
    - score_thresholds: as the file has them, unchecked; None if it has none;
    - notes: sentences for the report;
    - names_are_guessed: the file names no classes, and class_names are those of a published network with as many;
    - detector: whose network it is; of one that is no SSD, other_config has the fields as the file has them, unchecked.
    """

    source: str
    arrays: dict
    input_rule: dict
    origins: dict = field(default_factory=dict)
    unused: dict = field(default_factory=dict)
    config: Config | None = None
    class_names: tuple | None = None
    score_thresholds: object = None
    notes: tuple = ()
    names_are_guessed: bool = False
    detector: str = Config.detector
    other_config: dict | None = None
