"""JavaScript called from Python: one Node process, which imports the modules of the page as they are."""

import base64
import json
import subprocess
from pathlib import Path

import numpy as np

import numpyssd.browser

HARNESS = Path(__file__).with_name("harness.mjs")
JS = Path(numpyssd.browser.__file__).parent / "js"
KINDS = {"float32": "Float32Array", "uint8": "Uint8Array", "uint16": "Uint16Array"}


class JavaScriptError(Exception):
    """What JavaScript threw; its text is the message."""


class Node:
    """Calls functions of ``js``; arrays go to and fro as typed arrays, without their shapes."""

    def __init__(self, program="node"):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([program, str(HARNESS)], **pipes, text=True, encoding="utf-8")

    def call(self, module, name, *args, keep=None):
        """Return what the function of a module ("network/nms.js") returns; keep: a name to keep it there instead."""
        return self._order({"module": (JS / module).as_uri(), "name": name, "args": args, "keep": keep})

    def method(self, on, name, *args):
        """Return what a method of a kept object returns."""
        return self._order({"on": on, "name": name, "args": args})

    def field(self, on, *names):
        """Return a field of a kept object, or the field of a field."""
        return self._order({"on": on, "fields": names})

    def close(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def _order(self, order):
        self.process.stdin.write(json.dumps(_encoded(order)) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise JavaScriptError(answer["error"])
        return _decoded(answer.get("result"))


def kept(name):
    """Return what stands for a kept object among the arguments."""
    return {"kept": name}


def map_of(x):
    """Return one image of an array (1, H, W, C) as JavaScript's maps are."""
    _, height, width, channels = x.shape
    return {"height": height, "width": width, "channels": channels, "data": x.astype(np.float32)}


def _encoded(value):
    if isinstance(value, np.ndarray):
        return {"kind": KINDS[value.dtype.name], "base64": base64.b64encode(value.tobytes()).decode()}
    if isinstance(value, bytes):
        return {"kind": "ArrayBuffer", "base64": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: _encoded(part) for key, part in value.items()}
    return [_encoded(part) for part in value] if isinstance(value, list | tuple) else value


def _decoded(value):
    if isinstance(value, list):
        return [_decoded(part) for part in value]
    if not isinstance(value, dict):
        return value
    if "base64" in value:
        dtype = {kind: name for name, kind in KINDS.items()}[value["kind"]]
        return np.frombuffer(base64.b64decode(value["base64"]), dtype)
    return {key: _decoded(part) for key, part in value.items()}
