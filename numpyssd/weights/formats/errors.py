"""The errors for files of weights that cannot be read: one sentence that names the file and the remedy."""

from pathlib import Path

from numpyssd.errors import InputError

ENDINGS = (".npz", ".pth", ".pt", ".ckpt", ".safetensors", ".caffemodel")  # of names of files of weights


def unreadable(path: Path, reason: OSError) -> InputError:
    """Return the error for a file that cannot be opened."""
    if isinstance(reason, FileNotFoundError | NotADirectoryError):
        return InputError(f"{path} does not exist; give a file that training wrote, such as best.npz")
    if isinstance(reason, IsADirectoryError):
        there = sorted(file.name for file in path.iterdir() if file.suffix in ENDINGS)
        example = "best.npz" if "best.npz" in there or not there else there[0]
        return InputError(f"{path} is a folder; give the file of weights in it, such as {path / example}")
    return InputError(f"{path} cannot be read ({reason.strerror or reason}); change its permissions")


def damaged(path: Path, reason: Exception, whose: str = "PyTorch's") -> InputError:
    """Return the error for a file that is not what it claims to be."""
    why = f"{type(reason).__name__}: {reason}".splitlines()[0][:200]
    return InputError(f"{path} is damaged, or no file of {whose} ({why}); copy it anew")
