"""Write anew what is expected of the bad site; read the difference before you commit it.

Run as ``python -m tests.check.expect``, with names of groups for these alone.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from kommunebeta.check.finding import Group
from tests.check.test_bad_site import SITES, checked, shown


def main() -> None:
    """Check the bad site, and write what is found by group."""
    wanted = [Group(word) for word in sys.argv[1:]] or list(Group)
    with tempfile.TemporaryDirectory() as folder:
        findings = checked("darlig", Path(folder)).findings
    for group in wanted:
        lines = [shown(finding) for finding in findings if finding.group is group]
        file = SITES / "darlig" / f"expected-{group}.txt"
        if lines:
            file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        else:
            file.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
