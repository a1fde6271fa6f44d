"""Addresses behind which sound would go only one way: told before anybody calls."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from center.load import Center
from center.safe import split
from switchboard.problems import Problems
from switchboard.yamltext import Text


def check_nat(center: Center, problems: Problems) -> None:
    """Whether who calls from elsewhere can know where to send sound."""
    listen = center.ground.listen
    own = _ip(split(listen.sip)[0])
    if listen.external is not None:
        _check_external(listen.external, listen.local, own, problems)
    elif own is not None and own.is_private and not own.is_loopback and not own.is_unspecified:
        for trunk in center.router.trunks.values():
            there = _ip(split(trunk.host)[0])
            if there is not None and there.is_global:
                message = f"the carrier cannot send sound to {own}: set `listen.external`"
                problems.warning(trunk.host.place, message, "one-way")


def _check_external(
    external: Text,
    networks: Sequence[Text],
    own: IPv4Address | IPv6Address | None,
    problems: Problems,
) -> None:
    shown, local = ip_address(external), [ip_network(one) for one in networks]
    if any(shown in network for network in local):
        message = "this address is within `local`: nobody outside could send sound there"
        problems.error(external.place, message, "one-way")
    if own is not None and own.is_loopback:
        message = f"nobody outside reaches {own}: set `listen.sip` to an address of the network"
        problems.error(external.place, message, "one-way")
    elif not local:
        message = "without `local`, phones of our own network are told this address, too"
        problems.warning(external.place, message, "one-way")


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
