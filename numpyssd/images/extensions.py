"""The endings by which images are found in a folder. A file is read by its content, whatever its ending is."""

READABLE = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".bmp", ".dib", ".gif", ".tif", ".tiff",
    ".ppm", ".pgm", ".pbm", ".pnm", ".jp2", ".j2k", ".avif", ".tga", ".pcx", ".sgi", ".qoi", ".ico", ".dds", ".xbm",
)  # fmt: skip
# Images of formats that cannot be read. They are tried all the same, so that none is left out in silence.
UNREADABLE = (
    ".heic", ".heif", ".hif", ".jxl", ".svg", ".psd", ".psb", ".eps", ".dcm", ".fits", ".hdr", ".exr",
    ".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".sr2", ".srw", ".orf", ".rw2", ".raf", ".pef", ".3fr", ".iiq",
)  # fmt: skip
