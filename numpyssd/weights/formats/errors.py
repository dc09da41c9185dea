"""The errors for files of weights that cannot be read: one sentence that names the file and the remedy."""

from pathlib import Path

from numpyssd.errors import InputError


def unreadable(path: Path, reason: OSError) -> InputError:
    """Return the error for a file that cannot be opened."""
    if isinstance(reason, FileNotFoundError | NotADirectoryError):
        return InputError(f"{path} does not exist; give a file that training wrote, such as best.npz")
    if isinstance(reason, IsADirectoryError):
        return InputError(f"{path} is a folder; give the .npz file in it, such as {path / 'best.npz'}")
    return InputError(f"{path} cannot be read ({reason.strerror or reason}); change its permissions")


def damaged(path: Path, reason: Exception, whose: str = "PyTorch's") -> InputError:
    """Return the error for a file that is not what it claims to be."""
    why = f"{type(reason).__name__}: {reason}".splitlines()[0][:200]
    return InputError(f"{path} is damaged, or no file of {whose} ({why}); copy it anew")
