"""Content from other sites: one provider per file, what was looked up about it, and how it is resolved.

A provider knows its own addresses and nothing of pages. ``PROVIDERS`` in ``providers`` is the list
of all; a site adds its own by settings (``custom``). What the oEmbed look-up tells is kept in
``embeds.lock.yaml`` (``lock``), so that no build needs a network.
"""
