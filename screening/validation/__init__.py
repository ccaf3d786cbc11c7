"""Reference sets, and engines measured against them."""

from screening.validation.measure import Measured, measure
from screening.validation.reference import ReferencePoint, ReferenceSet, read_reference

__all__ = ["Measured", "ReferencePoint", "ReferenceSet", "measure", "read_reference"]
