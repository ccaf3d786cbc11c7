"""Calibration of cheap adsorption energies to the reference level, with error bars."""

from screening.surrogate.domain import Estimate
from screening.surrogate.model import Calibration
from screening.surrogate.shipped import calibration_for, calibration_of

__all__ = ["Calibration", "Estimate", "calibration_for", "calibration_of"]
