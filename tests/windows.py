"""What is different on Windows, for tests on another system: its errors of files that another program has open."""

import os


def held(code, *names):
    """Return the error of Windows for a file that another program holds; code: of the system, None from open()."""
    error = PermissionError(13, "Access is denied", *names)
    error.winerror = code
    return error


def refusing_replace(times, code=32, replace=os.replace):
    """Return an os.replace that raises that error so many times, and then replaces."""
    left = [times]

    def act(source, target):
        left[0] -= 1
        if left[0] >= 0:
            raise held(code, str(source), None, str(target))
        replace(source, target)

    return act
