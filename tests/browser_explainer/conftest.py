from tests.browser_network.conftest import node

__all__ = ["node"]
