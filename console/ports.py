"""Whether a center can listen where it wants to: asked before anything is started."""

import socket
from collections.abc import Mapping

from switchboard.errors import SwitchboardError


class PortTaken(SwitchboardError):
    """Another program listens where this center wants to, or the address is not this machine's."""


def demand_ports(listen: Mapping[str, str]) -> None:
    """`listen` is `sip`, `ami`, ... -> ADDRESS:PORT. Raises PortTaken for the first that fails:
    better than an Asterisk that starts and hears nobody."""
    for key, address in listen.items():
        host, _, port = address.rpartition(":")
        kinds = [socket.SOCK_STREAM] + ([socket.SOCK_DGRAM] if key == "sip" else [])
        for kind in kinds:
            with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
                if kind == socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((host.strip("[]"), int(port)))
                except OSError as trouble:
                    raise PortTaken(
                        f"cannot listen on {address} ({trouble.strerror}): end what uses it, or "
                        f"set another `listen: {{{key}: ADDRESS:PORT}}` and `switchboard apply`"
                    ) from None
