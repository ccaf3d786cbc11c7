"""alkascreen: hosts and coatings on which Li, Na and K metal plate evenly."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("alkascreen")
except PackageNotFoundError:
    __version__ = "0+unknown"
