import socket

import pytest

from sealwatch.errors import Misconfigured
from sealwatch.shell.serve import listening_at


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(Misconfigured, match=f"port {port} of 127.0.0.1: Address already in use"):
            listening_at("127.0.0.1", port)
