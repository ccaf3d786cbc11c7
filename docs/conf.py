"""How Sphinx builds the site: `make docs`.

The whole folder is its source, so that links between documents are the same in the site and on the
forge.
"""

from __future__ import annotations

from screening import __version__

project = "alkascreen"
copyright = "The alkascreen developers, MIT licence"  # noqa: A001 (Sphinx's name)
release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
include_patterns = ["docs/**", "benchmarks/README.md", "*.md"]
exclude_patterns = [".venv", "build", "dist", "tests", "screening", "structures", "workflows"]
templates_path = ["_templates"]

# Headings have the anchors that forges give them; a link to one that is missing is a warning, and
# warnings are errors.
myst_heading_anchors = 4

# The tutorial is run, so that the page shows what it gives.
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_merge_streams = True

default_role = "py:obj"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "special-members": "__getitem__"}
napoleon_google_docstring = False
napoleon_use_ivar = True

html_theme = "pydata_sphinx_theme"
html_title = "alkascreen"
html_copy_source = False
html_additional_pages = {"index": "start.html"}  # the site's own address leads to docs/index
html_sidebars = {"**": ["contents.html"], "docs/index": []}
html_theme_options = {
    "show_toc_level": 2,
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
