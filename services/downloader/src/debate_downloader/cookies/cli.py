"""`debate-cookies`: whatever a browser exports in, a cookies.txt out."""

import sys
from pathlib import Path
from typing import NoReturn

import click
from debate_contract.commands import run_click
from debate_contract.errors import InputNotFound, UsageFault
from debate_contract.storage import PRIVATE, write
from debate_contract.texts import decode_text

from debate_downloader import __version__
from debate_downloader.cookies.formats import format_netscape, parse_cookies

HELP = """Turn exported cookies into the Netscape file that the downloader takes.

IN is a browser extension's JSON export, the text of a Cookie: header (developer tools, network
tab) or a Netscape file; - reads standard input. OUT gets mode 600: it is worth as much as the
signed-in browser.

\b
Examples:
  debate-cookies export.json cookies.txt
  debate-cookies --domain .vimeo.com header.txt cookies.txt
"""


@click.command(help=HELP)
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--domain",
    default=".youtube.com",
    show_default=True,
    help="Where the cookies of a Cookie: header belong.",
)
@click.version_option(__version__, prog_name="debate-cookies")
def command(source: str, target: Path, domain: str) -> None:
    """Convert one file; see HELP."""
    cookies = parse_cookies(_read(source), domain)
    # Only its owner can ever read it.
    write(target, format_netscape(cookies).encode(), mode=PRIVATE)
    click.echo(f"{len(cookies)} cookies written to {target}; keep that file to yourself")


def _read(source: str) -> str:
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        return decode_text(content).content
    except ValueError:
        raise UsageFault(f"{source} is no text file: export the cookies again") from None
    except OSError as error:
        raise InputNotFound(f"{source} cannot be read: {error.strerror}") from error


def main() -> NoReturn:
    """Entry point of `debate-cookies`."""
    run_click(command, "debate-cookies")
