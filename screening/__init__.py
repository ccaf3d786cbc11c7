"""alkascreen: which hosts and coatings do Li, Na and K metal plate on evenly?"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("alkascreen")
except PackageNotFoundError:
    __version__ = "0+unknown"
