"""A folder that cannot be read is told what it is, and which export of that tool works."""

import pytest
from exports.pictures import save_picture, write

from numpyssd.datasets.loading import load_dataset
from numpyssd.errors import InputError

VIA = '{"a.jpg12": {"filename": "a.jpg", "size": 12, "regions": [], "file_attributes": {}}}'
TASKS = '[{"id": 1, "annotations": [{"result": []}], "data": {"image": "/data/upload/a.jpg"}}]'
CREATE_ML = '[{"image": "a.jpg", "annotations": [{"label": "nut", "coordinates": {"x": 1}}]}]'
KITTI = "Car 0.0 0 -1.6 587.0 173.3 614.1 200.1 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59\n"
DOTA = "10 10 20 10 20 20 10 20 plane 0\n"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("annotations.xml", "<?xml version='1.0'?>\n<annotations><version>1.1</version>", ["CVAT's own", "COCO 1.0"]),
        ("via_region_data.json", VIA, ["VGG Image Annotator", "Export Annotations (COCO format)"]),
        ("via.json", '{"_via_settings": {}, "_via_img_metadata": {}}', ["VGG Image Annotator"]),
        ("project-1.json", TASKS, ["Label Studio's own format", "YOLO with Images"]),
        ("min.json", '[{"image": "/data/a.jpg", "annotation_id": 3}]', ["Label Studio's own format"]),
        ("_annotations.createml.json", CREATE_ML, ["CreateML", "COCO in Roboflow"]),
        ("ab12-asset.json", '{"asset": {"format": "jpg"}, "regions": []}', ["VoTT's own format", "Pascal VOC"]),
        ("bolts.vott", "{}", ["a project of VoTT"]),
        ("bolts.tfrecord", "", ["TFRecords", "COCO, Pascal VOC or YOLO"]),
        ("ds/ann/a.jpg.json", "{}", ["Supervisely", "Export to COCO"]),
        (
            "_annotations.csv",
            "filename,class,xmin,ymin,xmax,ymax\n",
            ["a table (_annotations.csv)", "COCO"],
        ),
        ("bolts.ndjson", "{}", ["NDJSON", "export the data again as COCO"]),
        ("_annotations.txt", "a.jpg 1,2,3,4,0", ["Roboflow's export for YOLOv4 PyTorch", "YOLOv8"]),
        ("label_2/a.txt", KITTI, ["a.txt", "KITTI", "convert them to YOLO"]),
        ("labelTxt/a.txt", DOTA, ["a.txt", "DOTA"]),
        ("masks/a.png", "", ["masks and no boxes", "COCO"]),
        ("about.pdf", "", ["1 images and no label file", "LabelImg, LabelMe, CVAT or Label Studio"]),
        ("some.json", "{}", ["in no layout that is known", "data.yaml", "data/README.md"]),
    ],
)
def test_the_sentence_names_the_export_that_works(tmp_path, name, content, words):
    save_picture(tmp_path / "photos" / "a.jpg", 0)
    write(tmp_path / name, content)
    if "ann/" in name:
        write(tmp_path / "meta.json", "{}")
    if name == "_annotations.txt":
        write(tmp_path / "_classes.txt", "nut\n")
    if name.endswith(".png"):
        save_picture(tmp_path / name, 1)
    with pytest.raises(InputError) as caught:
        load_dataset(tmp_path, "train")
    for word in words:
        assert word in str(caught.value)


def test_images_sorted_into_folders_by_class(tmp_path):
    for name in ("bolt", "nut"):
        save_picture(tmp_path / name / "a.jpg", 0)
    with pytest.raises(InputError, match=r"images in 2 folders \(bolt, nut\).*a detector needs boxes"):
        load_dataset(tmp_path, "train")


def test_an_archive_an_empty_folder_a_file_and_no_folder(tmp_path):
    with pytest.raises(InputError, match="holds no image; known are"):
        load_dataset(tmp_path, "train")
    write(tmp_path / "bolts.zip", "")
    with pytest.raises(InputError, match="holds no image but bolts.zip; unpack that"):
        load_dataset(tmp_path, "train")
    with pytest.raises(InputError, match="is not a folder; name the one that holds"):
        load_dataset(tmp_path / "none", "train")


def test_the_folder_of_the_images_instead_of_the_one_above(tmp_path):
    save_picture(tmp_path / "images/a.jpg", 0)
    write(tmp_path / "labels/a.txt", "0 .5 .5 .5 .5")
    with pytest.raises(InputError) as caught:
        load_dataset(tmp_path / "images", "train")
    assert f"name the folder above, {tmp_path}," in str(caught.value)
