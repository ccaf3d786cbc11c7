"""What the documents promise is what the program does."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

import screening
from screening.builders import load_catalogue
from screening.cli.app import app
from screening.config import parse
from screening.pipeline.workflow import Workflow
from screening.ranking.weights import load_weights
from screening.report.dictionary import to_markdown
from tests.pages import blocks, run_page

ROOT = Path(__file__).parents[1]
TUTORIALS = sorted((ROOT / "docs/tutorials").glob("*.md"))
DOCUMENTS = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").glob("*.md")), *TUTORIALS]


def examples(document: Path, language: str = "") -> list[str]:
    return [block.text for block in blocks(document) if block.language == language]


def commands() -> list[str]:
    texts = [text for d in DOCUMENTS for kind in ("", "bash") for text in examples(d, kind)]
    lines = [re.split(r"#|\|\|", line)[0].strip() for text in texts for line in text.splitlines()]
    return sorted({line for line in lines if line.startswith("alkascreen")})


@pytest.mark.parametrize("command", commands())
def test_a_command_in_the_documents_is_one_that_exists(command: str) -> None:
    _, name, *arguments = shlex.split(command)
    subcommand = get_command(app).commands[name]  # type: ignore[attr-defined]
    subcommand.make_context(name, arguments)


def test_the_python_example_of_the_readme_runs(monkeypatch, capsys) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = examples(ROOT / "README.md", "python")
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 (our own README)
    assert capsys.readouterr().out


def test_the_tutorial_runs_from_top_to_bottom(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    notebook = json.loads((ROOT / "docs/tutorial.ipynb").read_text())
    scope: dict[str, object] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), cell["id"], "exec"), scope)  # noqa: S102 (ours)
    table = scope["table"]
    assert list(table["candidate"]) == ["aluminium", "copper", "silver"] * 2
    assert table["e_ads_ev"].notna().all()


def test_the_workflow_example_is_valid() -> None:
    (example,) = examples(ROOT / "docs/workflows.md", "yaml")
    assert parse(Workflow, yaml.safe_load(example), "docs").name == "my-run"


def test_the_page_of_columns_is_what_the_descriptors_say() -> None:
    assert (ROOT / "docs/columns.md").read_text() == to_markdown()


def test_the_anchors_in_the_documents_are_those_that_are_used() -> None:
    text = (ROOT / "docs/ranking.md").read_text().replace("−", "-")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    for name, o in load_weights().objectives.items():
        anchors = [f"{o.poor:+g} eV", f"{o.good:+g} eV"]
        expected = [name, f"`{o.column}`", *anchors, f"{o.weight:g}"]
        assert expected in rows


def test_every_host_of_the_review_is_shown() -> None:
    text = (ROOT / "docs/structures.md").read_text()
    recipes = load_catalogue(ROOT / "structures").recipes.values()
    assert [r.id for r in recipes if r.review and f"`{r.id}`" not in text] == []


def test_every_link_between_documents_leads_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


@pytest.mark.potential
@pytest.mark.timeout(900)
def test_a_first_host_and_the_defence_of_its_rank(tmp_path: Path) -> None:
    """One reader goes through the three pages, in one folder."""
    folder = run_page(ROOT / "docs/first-host.md", tmp_path)
    run_page(ROOT / "docs/reading-a-table.md", folder)
    run_page(ROOT / "docs/tutorials/defending-a-rank.md", folder)


@pytest.mark.potential
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", [p.stem for p in TUTORIALS if p.stem != "defending-a-rank"])
def test_a_tutorial_does_what_it_says(name: str, tmp_path: Path) -> None:
    run_page(ROOT / f"docs/tutorials/{name}.md", tmp_path)


def test_output_that_a_page_does_not_get_is_found_out(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```bash\necho 'one  two'; echo three\n```\n```text\none … \nthree\n```\n")
    run_page(page, tmp_path)
    page.write_text("```bash\necho one; echo three\n```\n```text\nthree\none\n```\n")
    with pytest.raises(AssertionError, match=r"page\.md:4: .one. is not in"):
        run_page(page, tmp_path)


def test_every_page_has_its_place_in_the_site() -> None:
    index = (ROOT / "docs/index.md").read_text()
    listed = set(re.findall(r"^(?:.* <)?([\w./-]+)>?$", index, re.MULTILINE))
    pages = [d.relative_to(ROOT / "docs").with_suffix("") for d in DOCUMENTS if d.parent != ROOT]
    assert [str(page) for page in pages if str(page) not in {*listed, "index"}] == []


def test_the_page_of_the_interface_has_every_public_name() -> None:
    page = (ROOT / "docs/api.md").read_text()
    named = set(re.findall(r"auto(?:class|function|exception):: (\w+)", page))
    assert set(screening.__all__) - {"__version__"} <= named | {"Entry"}


def test_no_document_holds_an_output_that_is_empty() -> None:
    assert [(d.name, b.line) for d in DOCUMENTS for b in blocks(d) if not b.text] == []
