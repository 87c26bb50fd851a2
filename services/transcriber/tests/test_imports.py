import ast
from graphlib import TopologicalSorter
from pathlib import Path

import debate_transcriber

ROOT = Path(debate_transcriber.__file__).parent


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


def imported_by(file: Path, modules: set[str]) -> set[str]:
    """Our modules that a module imports, inside its functions too; packages count as themselves."""
    nodes = [
        n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.ImportFrom)
    ]
    named = {(f"{n.module}.{alias.name}", n.module or "") for n in nodes for alias in n.names}
    return {full if full in modules else module for full, module in named} & modules


def test_no_modules_import_each_other_in_a_circle() -> None:
    files = {name_of(file): file for file in ROOT.rglob("*.py")}
    graph = {name: imported_by(file, set(files)) for name, file in files.items()}
    order = list(TopologicalSorter(graph).static_order())
    assert len(order) == len(files) > 50
