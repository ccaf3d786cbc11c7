"""Calibration of cheap adsorption energies to the reference level, with error bars."""

from screening.surrogate.model import Calibration, Estimate
from screening.surrogate.shipped import calibration_for, calibration_of

__all__ = ["Calibration", "Estimate", "calibration_for", "calibration_of"]
