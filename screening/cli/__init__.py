"""The command `alkascreen`: arguments, progress and exit codes; no physics."""

from screening.cli.app import main

__all__ = ["main"]
