"""What networks see change when an ion adsorbs, beyond the energy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

N_COMPONENTS = 6
"""Leave-one-host-out errors are the same for 4 to 10 (docs/surrogate.md)."""

RANK_TOLERANCE = 1e-9
"""Components with less than this share of the largest variance are rounding: they would be scaled
up to noise."""


def latent_change(
    adsorbed: np.ndarray, clean: np.ndarray, metal: np.ndarray, n_ions: int
) -> np.ndarray:
    """Change of extensive features on adsorption, per ion: as an adsorption energy is formed.

    Parameters
    ----------
    adsorbed, clean, metal
        Features of host with ions, host, and one atom of the bulk metal, shape (n_features,).
    """
    change: np.ndarray = (adsorbed - clean) / n_ions - metal
    return change


@dataclass(frozen=True)
class Change:
    """What engines say of an adsorbed ion beside the adsorption energy of the first.

    Attributes
    ----------
    latent
        Of `latent_change`, shape (n_features,); None if the engine has no latent features.
    second_ev
        Adsorption energy by a second engine at the same structures, eV; None if none was asked.
    """

    latent: np.ndarray | None = None
    second_ev: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain numbers."""
        latent = None if self.latent is None else self.latent.tolist()
        return {"latent": latent, "second_ev": self.second_ev}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Change:
        """Undo `as_json`."""
        latent, second = data["latent"], data["second_ev"]
        return cls(
            None if latent is None else np.array(latent, float),
            None if second is None else float(second),
        )


NOTHING = Change()


@dataclass(frozen=True)
class Components:
    """Main components of latent changes, of zero mean and unit variance over the training points.

    Attributes
    ----------
    centre
        Mean change, shape (n_features,).
    rotation
        From changes less their mean to components, shape (n_components, n_features).
    """

    centre: np.ndarray
    rotation: np.ndarray

    @classmethod
    def fit(cls, changes: np.ndarray) -> Components:
        """Find the components of changes, shape (n_points, n_features)."""
        from sklearn.decomposition import PCA  # noqa: PLC0415 (a second to import)
        from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

        scaler = StandardScaler().fit(changes)
        pca = PCA(min(N_COMPONENTS, *changes.shape), svd_solver="full")
        pca.fit(scaler.transform(changes))
        variance = pca.explained_variance_
        kept = variance > RANK_TOLERANCE * variance.max()
        deviations = np.sqrt(variance[kept])[:, None]
        return cls(scaler.mean_, pca.components_[kept] / deviations / scaler.scale_)

    def __len__(self) -> int:
        return len(self.rotation)

    def of(self, change: np.ndarray) -> np.ndarray:
        """Components of one change, shape (n_components,)."""
        values: np.ndarray = self.rotation @ (change - self.centre)
        return values

    def as_json(self) -> dict[str, Any]:
        """Plain numbers."""
        return {"centre": self.centre.tolist(), "rotation": self.rotation.tolist()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Components:
        """Undo `as_json`."""
        return cls(np.array(data["centre"], float), np.array(data["rotation"], float))
