"""Rankings and structures as one self-contained HTML page."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from screening import __version__
from screening.files import write_atomic
from screening.pipeline.store import Store
from screening.ranking.rank import Ranking
from screening.report.citations import bibtex, citations
from screening.report.page import certainty, charts, content, sections, shapes, verdict
from screening.report.page.cells import SCALES

HERE = Path(__file__).parent
VIEWER = HERE / "vendor/3Dmol-min.js"


def write(rankings: Sequence[Ranking], store: Store, path: Path) -> None:
    """Write the report; the same rankings always give the same bytes.

    Raises
    ------
    StoreError
        If the file cannot be written; nothing is left behind.
    """
    write_atomic(path, to_html(rankings, store))


def to_html(rankings: Sequence[Ranking], store: Store) -> str:
    """Return the page. All text of rows is escaped; scripts run by their hash alone."""
    keys = content.keys_of(rankings)
    heads = content.heads_of(rankings)
    columns, lines = content.lines_of(rankings, heads, keys)
    judged = certainty.judge(rankings)
    rows = [line.row for line in lines]
    sources = citations(rows)
    style, script, viewer = (_read(name) for name in ("style.css", "script.js", VIEWER.name))
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("page.html").render(
        policy=_policy((script, viewer), style),
        style=style,
        script=script,
        viewer=viewer,
        version=__version__,
        ions=[ranking.ion for ranking in rankings],
        families=sorted({row.family for row in rows}),
        notes=content.notes_of(rankings),
        heads=heads,
        columns=columns,
        lines=lines,
        overview=content.overview(lines),
        fronts=[(r.ion, charts.pareto(r, keys)) for r in rankings],
        certainties=certainty.certainties(judged, keys),
        verdicts=verdict.verdicts(rankings, judged, heads, lines),
        for_all=[(keys[x.candidate], x) for x in verdict.best_for_all(rankings)],
        rivals=certainty.rivals(rankings),
        parity=charts.parity(rankings, keys),
        hosts=sections.hosts_of(lines, store),
        structures=shapes.structures(lines, store),
        sources=sources,
        bibtex=bibtex(sources),
        scales=SCALES,
    )


def _read(name: str) -> Markup:
    """Return a file of ours as it is; browsers see ends of lines as line feeds."""
    folder = VIEWER.parent if name == VIEWER.name else HERE
    return Markup(folder.joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n"))


def _policy(scripts: Sequence[str], style: str) -> str:
    """Content-security policy: nothing is fetched, and nothing runs but what we wrote."""
    allowed = " ".join(map(_hash, scripts))
    return (
        f"default-src 'none'; connect-src 'none'; script-src {allowed}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
