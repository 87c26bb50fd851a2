"""`debate-webapp`: serve, register a transcript, write corrections, migrate, accounts."""

import os

import click
from debate_contract.commands import log_format_option, option, run_click
from debate_contract.logs import Log, is_json

from debate_webapp import __version__
from debate_webapp.accounts.commands import COMMANDS
from debate_webapp.database.engine import make_engine
from debate_webapp.database.faults import database_explained
from debate_webapp.database.migrations import upgrade
from debate_webapp.database.opening import open_database
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.storage import open_store
from debate_webapp.server.serve import serve
from debate_webapp.settings import Settings

EXAMPLES = """
\b
Examples:
  debate-webapp serve --port 8000
  debate-webapp register data/jobs/20261122T200000Z-4f1c09ab/transcripts/Hearing_transcription.json
  STORAGE_ROOT=s3://debates DATABASE_URL=postgresql://… debate-webapp migrate
"""


@click.group(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@option("--storage-root", "The store: a folder or s3://bucket.", default="data", show_default=True)
@option("--database-url", "PostgreSQL or SQLite; by default a SQLite file in the store's folder.")
@log_format_option
@click.version_option(__version__)
@click.pass_context
def cli(
    context: click.Context, storage_root: str, database_url: str | None, log_format: str
) -> None:
    """Debates in a browser: the recording beside its transcript, and who is who.

    SECRET_KEY signs the session cookies; without it a key is made once and kept in the store.
    """
    os.environ["STORAGE_ROOT"] = storage_root
    if database_url:
        os.environ["DATABASE_URL"] = database_url
    context.obj.as_json = is_json(log_format)


@cli.command("serve")
@click.option(
    "--host",
    envvar="HOST_ADDRESS",
    show_envvar=True,
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on.",
)
@option(
    "--port",
    "The port to listen on; 0 takes any.",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
)
def serve_command(host: str, port: int) -> None:
    """Open the site; the first start prints the link by which its administrator is made.

    With ADMIN_PASSWORD it makes that account itself, ADMIN_USERNAME or `admin`, and prints nothing.
    """
    with database_explained():
        serve(_settings(), host, port, click.echo)


@cli.command("register")
@click.argument("uri")
@click.pass_obj
def register_command(log: Log, uri: str) -> None:
    """Make the transcript at URI (a file of the store) a debate of the site."""
    settings = _settings()
    with open_database(settings.database_url) as session:
        done = register(session, open_store(settings.storage_root), uri)
        transcript = done.transcript
        state = "registered" if done.created else "registered before, unchanged"
        if done.offer:
            number = done.offer.before.version
            state += f"; of version {number}, {done.offer}: it waits for an editor's decision"
        line = f"debate {transcript.id}, version {transcript.version}: {transcript.title} ({state})"
        _finish(log, line, [f"/debates/{transcript.id}"], skipped=not done.created)


@cli.command("corrections")
@click.pass_obj
def corrections_command(log: Log) -> None:
    """Write what editors made of the transcripts into the store.

    Corrected transcripts and the names of the voices, under corrections/, for `debate-stats
    corpus`. Only what has changed since the last time is written.
    """
    from debate_webapp.editing.corrections import write_corrections

    settings = _settings()
    with open_database(settings.database_url) as session:
        done = write_corrections(session, open_store(settings.storage_root))
        changed = len(done.written) + len(done.removed)
        what = f"{len(done.kept)} corrected {_plural('transcript', len(done.kept))}"
        line = f"{what} under corrections/ ({changed or 'no'} {_plural('file', changed)} changed)"
        if done.older:
            line += f"; of older versions, while newer ones wait: {', '.join(done.older)}"
        _finish(log, line, done.written, skipped=not changed)


@cli.command("figures")
@click.option("--all", "everything", is_flag=True, help="Also those that are up to date.")
@click.pass_obj
def figures_command(log: Log, everything: bool) -> None:
    """Compute the figures that are not up to date, and count what is reviewed.

    Pages compute what they miss by themselves, a few debates at a time; after an update or with
    many debates this does it once and for all.
    """
    from debate_webapp.reading.rebuild import rebuild

    with open_database(_settings().database_url) as session:
        done = rebuild(session, everything)
        line = f"figures of {done} {_plural('debate', done)} computed"
        _finish(log, line, [], skipped=not done)


@cli.command("migrate")
def migrate_command() -> None:
    """Bring the database to this version."""
    with database_explained():
        upgrade(make_engine(_settings().database_url))
    click.echo("the database is up to date")


def _finish(log: Log, line: str, outputs: list[str], *, skipped: bool) -> None:
    """Say what was done: to machines in the log, to people on standard output."""
    if log.as_json:
        log.finished(line, outputs, skipped=skipped)
    else:
        click.echo(line)


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def _settings() -> Settings:
    return Settings.from_env(os.environ)


for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """The command; its exit codes are those of the contract."""
    run_click(cli, "debate-webapp", Log("register", as_json=False))
