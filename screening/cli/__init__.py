"""The command `alkascreen`: arguments, progress and exit codes; no physics."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of ``alkascreen``; Ctrl-C while it still imports is no fault either."""
    try:
        from screening.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        sys.exit(130)


__all__ = ["main"]
