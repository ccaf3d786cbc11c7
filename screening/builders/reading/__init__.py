"""Structures from files of other programs: one file a format, and nothing dropped in silence."""

from screening.builders.reading.files import Reading, read_file

__all__ = ["Reading", "read_file"]
