"""``python -m kommunebeta`` is the same as the ``kommunebeta`` command."""

from kommunebeta.cli import main

main()
