"""Times whole builds: ``python tests/benchmarks/run.py 1000 10000 [--runs 3] [--theme beta] [--peers run_peers.sh]``.

Every cold build writes into a new folder, which is kept to the end: right after a large delete, common
disks are several times slower at making files.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from corpus import make

HERE = Path(__file__).parent
BUILD = [sys.executable, "-m", "kommunebeta", "build"]


def timed(command: list[str]) -> dict[str, float]:
    """Wall and processor seconds of a command, and MiB of its largest process."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "mib": usage.ru_maxrss / 1024}


def median(rows: list[dict[str, float]]) -> dict[str, float]:
    """The medians of several runs, with the extremes of the wall time."""
    found = {key: round(statistics.median(row[key] for row in rows), 3) for key in rows[0]}
    walls = [row["wall"] for row in rows]
    return {**found, "least": round(min(walls), 3), "most": round(max(walls), 3)}


def measure(site: Path, outputs: Path, runs: int) -> dict[str, dict[str, float]]:
    """Cold, unchanged and one edit, each several times."""
    output = outputs / f"{site.name}-edits"
    posts = sorted((site / "content/posts").glob("*.md"))

    def cold(number: int) -> dict[str, float]:
        shutil.rmtree(site / ".kommunebeta", ignore_errors=True)
        return timed([*BUILD, str(site), "-o", str(outputs / f"{site.name}-{number}")])

    def again(change: Callable[[Path], None]) -> list[dict[str, float]]:
        rows = []
        for number in range(runs):
            change(posts[len(posts) // 2 + number])
            rows.append(timed([*BUILD, str(site), "-o", str(output)]))
        return rows

    found = {"cold": median([cold(number) for number in range(runs)])}
    timed([*BUILD, str(site), "-o", str(output)])
    found["unchanged"] = median(again(lambda post: None))
    found["body edit"] = median(again(lambda post: edit(post, "\nEndret setning.\n", "")))
    found["title edit"] = median(again(lambda post: edit(post, "", "Endret: ")))
    return found


def edit(post: Path, body: str, title: str) -> None:
    """Change a post."""
    text = post.read_text("utf-8") + body
    post.write_text(text.replace('title: "', f'title: "{title}', 1) if title else text, "utf-8")


def prepared(count: int, folder: Path, theme: str, corpus: str) -> Path:
    """A site of so many posts: our own, or made by another program called ``CORPUS --posts N --out DIR``."""
    site = folder / f"site-{theme}-{count}"
    if corpus:
        words = ["--posts", str(count), "--out", str(site), "--flavour", "kommunebeta"]
        subprocess.run([sys.executable, corpus, *words], check=True, stdout=subprocess.DEVNULL)
        settings = "name: B\nmunicipality: K\nbase_url: https://www.example.org/\n"
        settings += 'permalinks: {post: "/{year}/{month}/{day}/{slug}/"}\n'
        (site / "kommunebeta.yaml").write_text(settings, "utf-8")
    else:
        make(count, site)
    if theme != "beta":
        shutil.copytree(HERE / "theme" / theme, site / "themes" / theme)
        with (site / "kommunebeta.yaml").open("a", encoding="utf-8") as settings_file:
            settings_file.write(f"theme: {theme}\n")
    return site


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="+", type=int, metavar="N")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--theme", default="beta", choices=["beta", "torg", "liten"])
    parser.add_argument("--corpus", default="", help="another corpus maker")
    parser.add_argument(
        "--peers", default="", help="a script that measures others: SCRIPT N RUNS prints JSON"
    )
    parser.add_argument("--folder", type=Path, help="where to work; by default a temporary one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        version = median([timed([sys.executable, "-m", "kommunebeta", "--version"]) for _ in range(5)])
        print(f"--version: {version['wall'] * 1000:.0f} ms")
        for count in given.counts:
            site = prepared(count, Path(folder), given.theme, given.corpus)
            found = measure(site, Path(folder), given.runs)
            print(f"\n{count} posts, theme {given.theme}\n")
            print("| | wall s (least–most) | cpu s | MiB |\n| --- | ---: | ---: | ---: |")
            for name, row in found.items():
                wall = f"{row['wall']} ({row['least']}–{row['most']})"
                print(f"| {name} | {wall} | {row['cpu']} | {row['mib']:.0f} |", flush=True)
            if given.peers:
                words = ["bash", given.peers, str(count), str(given.runs)]
                print(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout)


if __name__ == "__main__":
    main()
