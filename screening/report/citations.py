"""What to cite for a table: the engines, methods and programs behind its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from screening import __version__
from screening.descriptors import Row


@dataclass(frozen=True)
class Citation:
    """One published source."""

    key: str
    authors: str
    title: str
    journal: str
    volume: str
    pages: str
    year: int
    doi: str

    @property
    def plain(self) -> str:
        """As in a list of references."""
        names = self.authors.replace(" and others", " et al.").replace(" and ", "; ")
        text = f"{names}: {self.title}. {self.journal} {self.volume}, {self.pages} ({self.year})."
        for mark, letter in _LETTERS.items():
            text = text.replace(mark, letter)
        return text

    @property
    def bibtex(self) -> str:
        """As an entry of a BibTeX file."""
        fields = ("author", self.authors), ("title", f"{{{self.title}}}"), ("journal", self.journal)
        more = ("volume", self.volume), ("pages", self.pages), ("year", str(self.year))
        lines = [f"  {name} = {{{value}}}," for name, value in (*fields, *more, ("doi", self.doi))]
        return "\n".join([f"@article{{{self.key},", *lines, "}"])


_LETTERS = {"{\\o}": "ø", "{\\'o}": "ó", "---": "—", "--": "–"}
"""What BibTeX spells otherwise."""

_KNOWN = {
    source.key: source
    for source in (
        Citation("park2024sevennet",
                 "Park, Yutack and Kim, Jaesun and Hwang, Seungwoo and Han, Seungwu",
                 "Scalable parallel algorithm for graph neural network interatomic potentials in "
                 "molecular dynamics simulations", "J. Chem. Theory Comput.", "20", "4857--4868",
                 2024, "10.1021/acs.jctc.4c00190"),
        Citation("deng2023chgnet", "Deng, Bowen and others",
                 "CHGNet as a pretrained universal neural network potential for charge-informed "
                 "atomistic modelling", "Nat. Mach. Intell.", "5", "1031--1041", 2023,
                 "10.1038/s42256-023-00716-3"),
        Citation("bannwarth2019gfn2",
                 "Bannwarth, Christoph and Ehlert, Sebastian and Grimme, Stefan",
                 "GFN2-xTB: an accurate and broadly parametrized self-consistent tight-binding "
                 "quantum chemical method", "J. Chem. Theory Comput.", "15", "1652--1671", 2019,
                 "10.1021/acs.jctc.8b01176"),
        Citation("grimme2017gfn1", "Grimme, Stefan and Bannwarth, Christoph and Shushkov, Philip",
                 "A robust and accurate tight-binding quantum chemical method for structures, "
                 "vibrational frequencies, and noncovalent interactions of large molecular systems",
                 "J. Chem. Theory Comput.", "13", "1989--2009", 2017, "10.1021/acs.jctc.7b00118"),
        Citation("jacobsen1996emt", "Jacobsen, K. W. and Stoltze, P. and N{\\o}rskov, J. K.",
                 "A semi-empirical effective medium theory for metals and alloys", "Surf. Sci.",
                 "366", "394--402", 1996, "10.1016/0039-6028(96)00816-3"),
        Citation("mortensen2024gpaw", "Mortensen, Jens J{\\o}rgen and others",
                 "GPAW: an open Python package for electronic structure calculations",
                 "J. Chem. Phys.", "160", "092503", 2024, "10.1063/5.0182685"),
        Citation("grimme2010d3",
                 "Grimme, Stefan and Antony, Jens and Ehrlich, Stephan and Krieg, Helge",
                 "A consistent and accurate ab initio parametrization of density functional "
                 "dispersion correction (DFT-D) for the 94 elements H--Pu", "J. Chem. Phys.",
                 "132", "154104", 2010, "10.1063/1.3382344"),
        Citation("grimme2011bj", "Grimme, Stefan and Ehrlich, Stephan and Goerigk, Lars",
                 "Effect of the damping function in dispersion corrected density functional theory",
                 "J. Comput. Chem.", "32", "1456--1465", 2011, "10.1002/jcc.21759"),
        Citation("perdew1996pbe", "Perdew, John P. and Burke, Kieron and Ernzerhof, Matthias",
                 "Generalized gradient approximation made simple", "Phys. Rev. Lett.", "77",
                 "3865--3868", 1996, "10.1103/PhysRevLett.77.3865"),
        Citation("henkelman2000climbing",
                 "Henkelman, Graeme and Uberuaga, Blas P. and J{\\'o}nsson, Hannes",
                 "A climbing image nudged elastic band method for finding saddle points and "
                 "minimum energy paths", "J. Chem. Phys.", "113", "9901--9904", 2000,
                 "10.1063/1.1329672"),
        Citation("smidstrup2014idpp",
                 "Smidstrup, S{\\o}ren and Pedersen, Andreas and Stokbro, Kurt "
                 "and J{\\'o}nsson, Hannes", "Improved initial guess for minimum energy path "
                 "calculations", "J. Chem. Phys.", "140", "214106", 2014, "10.1063/1.4878664"),
        Citation("larsen2017ase", "Larsen, Ask Hjorth and others",
                 "The atomic simulation environment---a Python library for working with atoms",
                 "J. Phys.: Condens. Matter", "29", "273002", 2017, "10.1088/1361-648X/aa680e"),
        Citation("derringer1980", "Derringer, George and Suich, Ronald",
                 "Simultaneous optimization of several response variables", "J. Qual. Technol.",
                 "12", "214--219", 1980, "10.1080/00224065.1980.11980968"),
        Citation("rego20153dmol", "Rego, Nicholas and Koes, David",
                 "3Dmol.js: molecular visualization with WebGL", "Bioinformatics", "31",
                 "1322--1324", 2015, "10.1093/bioinformatics/btu829"),
    )
}  # fmt: skip

_ENGINES = {
    "sevennet": ("park2024sevennet",),
    "chgnet": ("deng2023chgnet",),
    "emt": ("jacobsen1996emt",),
    "gpaw": ("mortensen2024gpaw",),
}
_FUNCTIONALS = {"gfn1-xtb": ("grimme2017gfn1",), "gfn2-xtb": ("bannwarth2019gfn2",)}
_ALWAYS = ("larsen2017ase", "derringer1980", "rego20153dmol")


def citations(rows: Iterable[Row]) -> tuple[Citation, ...]:
    """Return what stands behind some rows: engines first, then methods, then programs."""
    keys: dict[str, None] = {}
    for row in rows:
        level = row.level
        used = _ENGINES.get(level.calculator, ()) + _FUNCTIONALS.get(level.functional.lower(), ())
        if "d3" in level.dispersion:
            used += ("grimme2010d3", "grimme2011bj")
        if "PBE" in level.functional:
            used += ("perdew1996pbe",)
        if "barrier_ev" in row.values:
            used += ("henkelman2000climbing", "smidstrup2014idpp")
        keys |= dict.fromkeys(used)
    return tuple(_KNOWN[key] for key in (*keys, *_ALWAYS))


def bibtex(sources: Iterable[Citation]) -> str:
    """Return a BibTeX file of sources, and of the program itself."""
    own = (
        "@software{alkascreen,\n  author = {{The alkascreen developers}},\n"
        "  title = {{alkascreen: descriptors and rankings of alkali-philic hosts}},\n"
        f"  version = {{{__version__}}},\n}}"
    )
    return "\n\n".join([*(source.bibtex for source in sources), own]) + "\n"
