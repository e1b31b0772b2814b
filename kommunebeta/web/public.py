"""Which addresses belong to the public net."""

from __future__ import annotations

import ipaddress

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses as a network with IPv6 alone shows them (RFC 6052)."""


def is_public(ip: str) -> bool:
    """Whether an IP address belongs to the public net.

    Args:
        ip: such as ``192.0.2.1`` or ``fe80::1%eth0``.

    Returns:
        False also for IPv4 addresses inside IPv6 ones (mapped, 6to4, Teredo), behind which anything may lie.
    """
    address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address in _TRANSLATED:
            return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)))
        if address.ipv4_mapped or address.sixtofour or address.teredo:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
