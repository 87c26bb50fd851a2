"""Every package is whole and stands alone."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.metadata import distributions
from pathlib import Path

import pytest
from checkout import CHECKOUT, CONTRACTS, PACKAGES, SERVICES, project
from packaging.utils import canonicalize_name

SERVICE_FILES = ["Dockerfile", "README.md", "CHANGELOG.md", "constraints.txt"]
# The exceptions of CONTRIBUTING.md.
CONTRACT = "debate_contract"
SHARED_LIBRARIES = {("debate_webapp", "debate_stats")}

packages = pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
services = pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)


def import_name(package: Path) -> str:
    return project(package)["name"].replace("-", "_")


def test_there_are_four_services() -> None:
    names = [path.name for path in SERVICES]

    assert names == ["downloader", "stats", "transcriber", "webapp"]


@packages
def test_the_version_is_the_newest_entry_of_the_changelog(package: Path) -> None:
    changelog = (package / "CHANGELOG.md").read_text("utf-8")

    entries = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$", changelog, re.MULTILINE)

    assert entries[:1] == [project(package)["version"]]


@packages
def test_all_that_is_installed_is_pinned(package: Path) -> None:
    pins = (package / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {canonicalize_name(re.split(r"[=\[]", line)[0]) for line in pins}
    found = distributions(path=[str(next(package.glob(".venv/lib/*/site-packages")))])
    installed = {canonicalize_name(one.name) for one in found}

    assert all(re.match(r"[A-Za-z0-9._-]+(\[.*\])?==\S+", line) for line in pins)
    assert {name for name in installed - pinned if not name.startswith("debate-")} == set()


@services
@pytest.mark.parametrize("name", SERVICE_FILES)
def test_a_service_has(service: Path, name: str) -> None:
    assert (service / name).is_file()


@services
def test_a_service_is_typed_and_tested(service: Path) -> None:
    assert (service / "src" / import_name(service) / "py.typed").is_file()
    assert list(service.glob("tests/**/test_*.py"))


@services
def test_the_first_line_of_a_dockerfile_names_its_context(service: Path) -> None:
    """The root: an image carries the tree's libraries too."""
    first = (service / "Dockerfile").read_text("utf-8").splitlines()[0]

    assert first == "# context: ."


@services
def test_an_image_is_built_without_what_lies_beside_it(service: Path) -> None:
    # docker looks for it beside the Dockerfile, under the Dockerfile's name.
    ignored = (service / "Dockerfile.dockerignore").read_text("utf-8").splitlines()

    assert ignored[0] == "*"


@services
def test_no_image_lacks_what_a_link_of_the_library_leads_to(service: Path) -> None:
    """Docker does not look into a folder that is ignored for an exception with a * in its way."""
    lines = (service / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    after = lines[lines.index("!contracts") :]
    ignored = [line for line in after if line.startswith(("contracts", "*", "**"))]
    links = [path for path in CONTRACTS.glob("src/**/*.json") if path.is_symlink()]
    targets = {path.resolve().relative_to(CHECKOUT) for path in links}

    assert targets
    for target in targets:
        ways = [str(way) for way in (target, *target.parents)]
        assert not any(fnmatch(way, line) for way in ways for line in ignored), target


def imports_of_house_packages(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                found = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                found = [module]
            case _:
                found = []
        yield from (name.split(".")[0] for name in found if name.startswith("debate_"))


@pytest.mark.parametrize(
    "package", [CONTRACTS, *SERVICES, CHECKOUT / "pipeline"], ids=lambda path: path.name
)
def test_no_package_imports_another(package: Path) -> None:
    own = import_name(package)

    foreign = {
        (own, name)
        for source in package.glob("src/**/*.py")
        for name in imports_of_house_packages(source)
        if name not in (own, CONTRACT)
    }

    assert foreign <= SHARED_LIBRARIES
