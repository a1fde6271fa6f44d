"""How many calls this machine can carry at once: what is refused early is never left in silence.

Measured on Asterisk 22.10: a call of two legs takes four ports and nine descriptors, a caller in a
menu six; a phone that rings in a department takes its own.
"""

import resource

from switchboard.section import Listen

PORTS_A_CALL = 4
PORTS_IN_RESERVE = 8  # two calls for help, which no cap counts
DESCRIPTORS_A_CALL = 16
DESCRIPTORS_IN_RESERVE = 500  # modules, logs, telephones over TCP
FAX_PORTS = 200  # the last ports of `listen.rtp` are those of T.38


def fax_ports(listen: Listen) -> tuple[int, int]:
    """The first and the last port of T.38; the ones before are those of sound."""
    first, last = listen.rtp_ports
    return last - min(FAX_PORTS, (last - first) // 4) + 1, last


def ports_for(listen: Listen) -> int:
    """How many calls the ports of sound carry."""
    first, _ = listen.rtp_ports
    ports = fax_ports(listen)[0] - first
    return max(1, (ports - PORTS_IN_RESERVE) // PORTS_A_CALL)


def descriptors_for(limit: int) -> int:
    """How many calls a process with so many descriptors carries."""
    return max(1, (limit - DESCRIPTORS_IN_RESERVE) // DESCRIPTORS_A_CALL)


def most_calls(listen: Listen, limit: int | None = None) -> int:
    """Calls at once: as the center says, else what ports and descriptors carry."""
    limit = descriptor_limit() if limit is None else limit
    return listen.max_calls or min(ports_for(listen), descriptors_for(limit))


def descriptors(listen: Listen) -> int:
    """How many descriptors Asterisk asks for, of those that it may have."""
    needed = most_calls(listen) * DESCRIPTORS_A_CALL + DESCRIPTORS_IN_RESERVE
    return min(descriptor_limit(), needed)


def descriptor_limit() -> int:
    """How many descriptors a process of ours may open when it asks for them."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 2**20 if hard == resource.RLIM_INFINITY else hard
