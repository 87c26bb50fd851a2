"""What every stage does alike stands once, in debate-contract, and little is left beside it."""

import ast
import io
import tokenize
from collections import defaultdict
from itertools import chain
from pathlib import Path

import pytest
from checkout import CHECKOUT, CONTRACTS, SERVICES

SOURCES = sorted(
    path
    for package in (CONTRACTS, *SERVICES, CHECKOUT / "pipeline")
    for path in package.glob("src/**/*.py")
)
PLUMBING = {"storage", "errors", "logs", "faults", "s3", "local", "retry", "commands", "bucket"}
RUN = 6
LONGEST = {"storage.py": 80, "errors.py": 40}


def is_plumbing(path: Path) -> bool:
    return bool(PLUMBING & {path.stem, *(parent.name for parent in path.parents)})


def statements(path: Path) -> list[str]:
    """The lines that do something: without imports, docstrings, comments and lone brackets."""
    text = path.read_text("utf-8")
    passed_over = set(chain.from_iterable(map(lines_of, without_effect(ast.parse(text)))))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and token.line.strip() == token.string:
            passed_over.add(token.start[0])
    numbered = enumerate((line.strip() for line in text.splitlines()), start=1)
    return [line for n, line in numbered if n not in passed_over and line.strip("()[]{},: ")]


def without_effect(tree: ast.Module) -> list[ast.stmt]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]


def lines_of(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def runs(path: Path) -> set[str]:
    lines = statements(path)
    return {"\n".join(lines[n : n + RUN]) for n in range(len(lines) - RUN + 1)}


def test_no_six_lines_of_plumbing_stand_twice() -> None:
    found: dict[str, list[Path]] = defaultdict(list)
    for path in SOURCES:
        for run in runs(path):
            found[run].append(path.relative_to(CHECKOUT))

    twice = [
        f"{' and '.join(map(str, paths))}:\n{run}"
        for run, paths in found.items()
        if len(paths) > 1 and any(map(is_plumbing, paths))
    ]

    assert not twice, "\n\n".join(twice)


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_a_service_keeps_little_plumbing_of_its_own(service: Path) -> None:
    lengths = {
        path.relative_to(service): len(path.read_text("utf-8").splitlines())
        for name in LONGEST
        for path in service.glob(f"src/**/{name}")
    }

    assert lengths
    assert not {path: n for path, n in lengths.items() if n > LONGEST[path.name]}


def test_a_copy_would_be_found(tmp_path: Path) -> None:
    original = CONTRACTS / "src/debate_contract/storage/files.py"
    body = original.read_text("utf-8").partition("def write(")[2].partition("\n\n\n")[0]
    copy = tmp_path / "storage.py"
    copy.write_text(f"def put({body}".replace("    ", "  "))

    assert runs(copy) & runs(original)
