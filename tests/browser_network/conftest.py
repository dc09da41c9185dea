import shutil

import pytest

from tests.browser_network.node import Node


@pytest.fixture(scope="session")
def node():
    program = shutil.which("node")
    if not program:
        pytest.skip("no Node.js here, which runs the JavaScript of the page; on Debian: apt install nodejs")
    started = Node(program)
    yield started
    started.close()
