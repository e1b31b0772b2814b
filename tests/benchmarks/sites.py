"""Many small sites, one after another in one process: ``python tests/benchmarks/sites.py 430 100``."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from corpus import make

from kommunebeta.build import BuildOptions, build
from kommunebeta.reporter import Reporter


def main(sites: int, posts: int) -> None:
    """Build them cold, then once more unchanged."""
    with tempfile.TemporaryDirectory() as folder:
        folders = [Path(folder) / f"kommune-{number}" for number in range(sites)]
        for number, site in enumerate(folders):
            make(posts, site, seed=number)
        for name in ("cold", "unchanged"):
            begun = time.perf_counter()
            for site in folders:
                build(site, BuildOptions(), Reporter())
            seconds = time.perf_counter() - begun
            print(
                f"{name}: {sites} sites of {posts} posts in {seconds:.1f} s, {sites / seconds:.1f} a second"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
