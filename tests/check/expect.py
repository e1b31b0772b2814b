"""Write anew what is expected of the bad site; read the difference before you commit it.

Run as ``python -m tests.check.expect``, with names of groups for these alone; ``external`` stands for what
other sites say.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from kommunebeta.check.finding import Group
from tests.check.elsewhere import make_certificates, running
from tests.check.test_bad_site import SITES, checked, shown
from tests.check.test_external import checked_with, external_findings, tell

EXTERNAL = "external"


def main() -> None:
    """Check the bad site, and write what is found by group."""
    words = sys.argv[1:] or [*Group, EXTERNAL]
    if EXTERNAL in words:
        write_external()
    wanted = [Group(word) for word in words if word != EXTERNAL]
    with tempfile.TemporaryDirectory() as folder:
        findings = checked("darlig", Path(folder)).findings
    for group in wanted:
        write(group, [shown(finding) for finding in findings if finding.group is group])


def write_external() -> None:
    """Check the bad site together with other sites, and write what these say."""
    with tempfile.TemporaryDirectory() as folder, running(make_certificates(Path(folder))) as elsewhere:
        tell(elsewhere)
        write(EXTERNAL, external_findings(checked_with(elsewhere, "darlig", Path(folder))))


def write(name: str, lines: list[str]) -> None:
    """Write one of the files of what is expected."""
    file = SITES / "darlig" / f"expected-{name}.txt"
    if lines:
        file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    else:
        file.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
