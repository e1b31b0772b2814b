"""From the save to the moment the browser is told: ``python tests/benchmarks/preview.py 1000 10000``.

A websocket stands for the browser and shows the post that is edited. The time runs from before the file
is written until the message has arrived; waiting for the pause after the last event is in it.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from corpus import make
from tornado.websocket import WebSocketClientConnection, websocket_connect

EDITS = 10


def main(counts: list[int]) -> None:
    """Measure and print a table."""
    print("| posts | body edit, ms (least–most) | title edit, ms (least–most) |\n| ---: | ---: | ---: |")
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            site = Path(folder) / "site"
            make(count, site)
            found = run(site)
            cells = [
                f"{statistics.median(times):.0f} ({min(times):.0f}–{max(times):.0f})"
                for times in found.values()
            ]
            print(f"| {count} | {' | '.join(cells)} |", flush=True)


def run(site: Path) -> dict[str, list[float]]:
    """Milliseconds of several edits of a body and of a title."""
    command = [sys.executable, "-m", "kommunebeta", "serve", str(site), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        lines = iter(process.stdout or ())
        port = next(int(found[1]) for line in lines if (found := re.search(r"Preview: \S+:(\d+)/", line)))
        time.sleep(3)
        posts = sorted((site / "content/posts").glob("*.md"))
        some = [posts[len(posts) // 2 + 7 * number] for number in range(EDITS)]
        return {
            "body": asyncio.run(edits(port, some, "Endret setning.", "")),
            "title": asyncio.run(edits(port, some, "", "Endret: ")),
        }
    finally:
        process.terminate()
        process.wait()


async def edits(port: int, posts: list[Path], body: str, title: str) -> list[float]:
    """Milliseconds of one edit of each post."""
    found = []
    for post in posts:
        year, month, day, slug = post.stem.split("-", 3)
        browser = await shown(port, f"/{year}/{month}/{day}/{slug}/")
        text = post.read_text("utf-8")
        new = text.replace('title: "', f'title: "{title}', 1) + (f"\n{body}\n" if body else "")
        begun = time.perf_counter()
        post.write_text(new, "utf-8")
        while json.loads(str(await browser.read_message()))["command"] != "reload":
            pass
        found.append((time.perf_counter() - begun) * 1000)
        browser.close()
        await asyncio.sleep(0.3)
    return found


async def shown(port: int, path: str) -> WebSocketClientConnection:
    """A browser that shows a page and has been told its state."""
    address = f"localhost:{port}"
    browser = await websocket_connect(f"ws://{address}/livereload")
    await browser.write_message(json.dumps({"command": "hello", "protocols": []}))
    await browser.read_message()
    await browser.write_message(json.dumps({"command": "info", "url": f"http://{address}{path}"}))
    while json.loads(str(await browser.read_message()))["command"] != "state":
        pass
    return browser


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]])
