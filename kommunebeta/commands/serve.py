"""``kommunebeta serve``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kommunebeta.commands.words import SITE
from kommunebeta.terminal import (
    print_look_up,
    print_refresh,
)

if TYPE_CHECKING:
    from kommunebeta.preview import Refresh
    from kommunebeta.serve.online import LookUps


@click.command("serve")
@SITE
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port; the next free one when it is taken, any free one for 0.",
)
@click.option("--open", "open_browser", is_flag=True, help="Open the browser.")
@click.option("--drafts", is_flag=True, help="Show drafts too.")
@click.option("--future", is_flag=True, help="Show posts whose moment is still to come.")
@click.option("--poll", is_flag=True, help="Look at the files again and again, for network folders.")
@click.option("--online", is_flag=True, help="Look new embeds up meanwhile, as «embeds update» does.")
def serve_command(
    site: Path, host: str, port: int, open_browser: bool, drafts: bool, future: bool, poll: bool, online: bool
) -> None:
    """Show a preview of SITE that follows every edit, until Ctrl-C.

    \b
    Example:
      kommunebeta serve
      kommunebeta serve fjordvikbeta --drafts --open
      kommunebeta serve --host 0.0.0.0
    """
    import asyncio

    from kommunebeta.options import BuildOptions
    from kommunebeta.serve.run import serve

    look_ups = _look_ups(site) if online else None

    def told(refresh: Refresh) -> None:
        print_refresh(refresh)
        if look_ups:
            look_ups.look(refresh)

    def began(host: str, found: int, first: Refresh) -> None:
        told(first)
        if found != port and port:
            click.echo(f"Port {port} is taken, so {found} is used.", err=True)
        address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0', '::', '::1') else host}:{found}/"
        click.echo(f"Preview: {address} (Ctrl-C ends it)")
        if host in ("0.0.0.0", "::"):
            _warn_of_network(found)
        if open_browser:
            click.launch(address)

    options = BuildOptions(drafts=drafts, future=future)
    click.echo("Building the preview …", err=True)
    asyncio.run(serve(site, options, host=host, port=port, poll=poll, began=began, told=told))


def _look_ups(site: Path) -> LookUps:
    from kommunebeta.embeds.client import Client
    from kommunebeta.serve.online import LookUps

    return LookUps(site, Client(), print_look_up)


def _warn_of_network(port: int) -> None:
    import socket

    click.echo("Everybody on this network can see the preview, drafts included.", err=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: it only tells which of our addresses leads out
            click.echo(f"On a phone: http://{probe.getsockname()[0]}:{port}/")
        except OSError:
            pass
