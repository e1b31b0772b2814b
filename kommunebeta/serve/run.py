"""Runs a preview until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets

from kommunebeta.errors import KommunebetaError, UsageError
from kommunebeta.options import BuildOptions
from kommunebeta.preview import Refresh
from kommunebeta.serve.server import application, tell
from kommunebeta.serve.session import Session

_TRIES = 20


async def serve(
    site: Path,
    options: BuildOptions,
    *,
    host: str,
    port: int,
    poll: bool,
    began: Callable[[str, int, Refresh], None],
    told: Callable[[Refresh], None],
) -> None:
    """Serve a site's preview until the process is interrupted.

    Args:
        site: the site folder.
        options: how to build.
        host: the address to listen on.
        port: the port; the next free one when it is taken.
        poll: look at the files again and again instead of being told of changes.
        began: told host, port and the first outcome once pages can be asked for.
        told: told of each later outcome.

    Raises:
        UsageError: the folder is no site, or no port is free.
        OutsideError: the disk failed.
    """
    loop = IOLoop.current()
    stopped = asyncio.Event()

    def refreshed(refresh: Refresh) -> None:  # in the session's thread
        loop.add_callback(tell, session, refresh)
        told(refresh)
        if session.failure:
            loop.add_callback(stopped.set)

    sockets = free_sockets(host, port)
    session = Session(site, options, poll=poll, told=refreshed)
    try:
        server = HTTPServer(application(session), max_buffer_size=1 << 20, max_header_size=1 << 14)
        server.add_sockets(sockets)
        session.start()
        for name in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows raises KeyboardInterrupt instead
                asyncio.get_running_loop().add_signal_handler(name, stopped.set)
        began(host, sockets[0].getsockname()[1], session.last)
        await stopped.wait()
        server.stop()
    finally:
        session.stop()
    if isinstance(session.failure, KommunebetaError):
        raise session.failure


def free_sockets(host: str, port: int) -> list[socket.socket]:
    """Sockets on the first free port from ``port`` on; on any free one for 0.

    Raises:
        UsageError: none is free, or the host is not one of this machine.
    """
    for candidate in range(port, port + _TRIES) if port else [0]:
        try:
            return bind_sockets(candidate, host)
        except PermissionError as error:
            raise UsageError(
                f"Port {candidate} may not be used. Choose one from 1024 on, with --port."
            ) from error
        except (socket.gaierror, OverflowError) as error:
            raise UsageError(f"There is no address «{host}» on this machine to listen on.") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            raise UsageError(f"There is no address «{host}» on this machine to listen on.") from error
    raise UsageError(f"The ports {port} to {port + _TRIES - 1} are all taken. Choose another with --port.")
