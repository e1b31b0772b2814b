"""Links to other sites: which of them readers cannot follow, and with ``--external`` what their servers say.

``address`` says what may be asked, ``client`` asks one address, ``ask`` all of them in turn; ``meaning``
makes an ``answer`` of each ``reply`` or failure, ``memory`` keeps it for some days, ``faults`` tells writers
of it. Without ``--external`` nothing is ever asked.
"""

from __future__ import annotations

from kommunebeta.check.external.faults import RULES, links_inside

__all__ = ["RULES", "links_inside"]
