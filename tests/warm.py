"""Imported by the server of ``forked``: what every command needs is at hand in the processes forked from it."""

from __future__ import annotations

import tempfile
from importlib import import_module
from pathlib import Path

from kommunebeta.check.options import CheckOptions
from kommunebeta.check.run import check
from kommunebeta.reporter import Reporter

for name in ("cli", "explain", "scaffold", "starts"):
    import_module(f"kommunebeta.{name}")

with tempfile.TemporaryDirectory() as folder:
    site = Path(folder)
    (site / "content" / "posts").mkdir(parents=True)
    (site / "kommunebeta.yaml").write_text("name: Fjordvikbeta\nmunicipality: Fjordvik kommune\n", "utf-8")
    (site / "content/posts/x.md").write_text("---\ntitle: Hei\ndate: 2026-01-02\n---\n\nHei.\n", "utf-8")
    check(site, CheckOptions(jobs=1), Reporter())
