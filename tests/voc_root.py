"""A small folder in VOC layout, to plant issues in."""

from PIL import Image


def xml(objects, size=(30, 20), file_name="a.jpg"):
    text = f"<annotation><filename>{file_name}</filename>"
    if size:
        text += f"<size><width>{size[0]}</width><height>{size[1]}</height><depth>3</depth></size>"
    for name, corners, *marks in objects:
        text += f"<object><name>{name}</name>" + "".join(marks) + "<bndbox>"
        text += "".join(f"<{tag}>{value}</{tag}>" for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), corners))
        text += "</bndbox></object>"
    return text + "</annotation>"


class Root:
    """A small VOC folder; add() writes an image with its annotation and lists it in a split."""

    def __init__(self, path):
        self.path = path
        for folder in ("Annotations", "ImageSets/Main", "JPEGImages"):
            (path / folder).mkdir(parents=True)

    def add(self, stem, objects=(), split="train", image="{}.png", size=(30, 20), exif=None, **options):
        if image:
            blank = Image.new("RGB", size, "blue")
            blank.save(self.path / "JPEGImages" / image.format(stem), **({"exif": exif} if exif else {}))
        text = objects if isinstance(objects, str) else xml(objects, **{"size": size, **options})
        (self.path / "Annotations" / f"{stem}.xml").write_text(text)
        with (self.path / f"ImageSets/Main/{split}.txt").open("a") as file:
            file.write(f"{stem}\n")
        return self
