"""Check a built site without a network: `python docs/links.py build/site`.

Every link inside the site has to lead to a file, and to an anchor that is there; no page may load
anything from elsewhere. Sphinx sees links between documents; this sees what came out, tables of
contents, docstrings and the notebook too.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("script", "src"), ("img", "src"), ("iframe", "src"), ("link", "href"), ("source", "src")}
NAVIGATION = {"canonical", "author", "next", "prev", "search", "index"}


@dataclass
class _Page(HTMLParser):
    """Anchors of a page, where it leads, and what it loads."""

    path: Path
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        for name in ("href", "src"):
            if name not in given:
                continue
            is_loaded = (tag, name) in LOADED and given.get("rel") not in NAVIGATION
            (self.loads if is_loaded else self.links).append(given[name])


def faults(site: Path) -> list[str]:
    """Say which links of a site lead nowhere and what its pages load from elsewhere."""
    site = site.resolve()
    paths = [path for path in sorted(site.rglob("*.html")) if site / "_static" not in path.parents]
    pages = {path: _Page(path) for path in paths}
    return [
        f"{page.path.relative_to(site)}: {fault}"
        for page in pages.values()
        for fault in _faults(page, pages)
    ]


def _faults(page: _Page, pages: dict[Path, _Page]) -> list[str]:
    found = []
    for address in [*page.links, *page.loads]:
        url = urlsplit(address)
        if url.scheme == "data" or (url.scheme and address not in page.loads):
            continue
        if url.scheme or url.netloc:
            found.append(f"loads {address}")
            continue
        target = (page.path.parent / unquote(url.path)).resolve() if url.path else page.path
        if not target.is_file():
            found.append(f"no file {address}")
        elif url.fragment and target in pages and url.fragment not in _anchors(pages[target]):
            found.append(f"no anchor {address}")
    return found


def _anchors(page: _Page) -> set[str]:
    return page.anchors | {"top"}


def main() -> int:
    """Print the faults of the site that is named; 1 if there are any."""
    found = sorted(set(faults(Path(sys.argv[1]))))
    print("\n".join(found) or "all links lead somewhere")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
