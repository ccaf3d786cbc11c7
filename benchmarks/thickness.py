"""Adsorption on the catalogue's thinnest slabs and on thicker ones of their cuts.

python benchmarks/thickness.py [LAYERS]   prints a line a host and ion, eV, by 7net-0
"""

from __future__ import annotations

import sys

import numpy as np

import screening as alk
from screening.builders import build, load_catalogue
from screening.builders.statements import THIN_A, planes
from screening.resources import shipped
from screening.structure import Candidate

LAYERS = 5


def pairs(layers: int) -> dict[str, Candidate]:
    """Slabs of at most three planes, and each with more of them, by name."""
    catalogue, found = load_catalogue(shipped("structures")), {}
    for recipe in catalogue.recipes.values():
        if not {"layers", "thickness"} & set(recipe.parameters):
            continue
        host = catalogue.build(recipe.id)
        heights = host.atoms.positions[:, 2]
        if host.geometry != "slab" or planes(heights) > 3 or np.ptp(heights) > THIN_A:
            continue
        parameters = {k: v for k, v in recipe.parameters.items() if k != "thickness"}
        thicker = recipe.model_copy(
            update={"id": f"{recipe.id}.thick", "parameters": {**parameters, "layers": layers}}
        )
        found[recipe.id] = host
        found[thicker.id] = build(thicker, thicker.id, shipped("structures"))
    return found


def main(layers: int) -> None:
    """Screen both, and print how far apart they are."""
    hosts = pairs(layers)
    screen = alk.Screen("sevennet", calibration="none", descriptors=[alk.Adsorption(max_sites=4)])
    result = screen.run(hosts)
    rows = {(row.candidate, row.ion): row for row in result.rows}
    for name, host in hosts.items():
        if name.endswith(".thick"):
            continue
        thick = hosts[f"{name}.thick"].atoms
        for ion in screen.ions:
            thin_ev, thick_ev = (rows[n, ion]["e_ads_ev"] for n in (name, f"{name}.thick"))
            counts = [planes(atoms.positions[:, 2]) for atoms in (host.atoms, thick)]
            shown = ["–" if ev is None else f"{ev:+.2f}" for ev in (thin_ev, thick_ev)]
            if thin_ev is not None and thick_ev is not None:
                shown.append(f"{thin_ev - thick_ev:+.2f}")
            print("|", " | ".join([name, ion, *map(str, counts), *shown]), "|", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LAYERS)
