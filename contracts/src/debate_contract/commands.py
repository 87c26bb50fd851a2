"""A stage's command line: options with environment names, and every end as an exit code."""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn, TypeVar

import click

from debate_contract.errors import EXIT_INTERRUPTED, StageError, Stopped, UsageFault
from debate_contract.logs import Log, is_json
from debate_contract.storage import disk_fault

Command = TypeVar("Command", bound=Callable[..., Any] | click.Command)


def option(flag: str, text: str, **more: Any) -> Callable[[Command], Command]:
    """An option that has an environment variable of the same name."""
    variable = flag.removeprefix("--").replace("-", "_").upper()
    return click.option(flag, envvar=variable, show_envvar=True, help=text, **more)


log_format_option = option(
    "--log-format",
    "JSON lines for machines, plain ones for people; auto is json in Batch.",
    type=click.Choice(["auto", "json", "human"]),
    default="auto",
    show_default=True,
)


def report(error: BaseException, log: Log) -> int:
    """Say in the log why the work ended; return the contract's exit code."""
    if isinstance(error, KeyboardInterrupt):
        log.failed(
            Stopped("stopped by Ctrl-C: the same command goes on from here"), EXIT_INTERRUPTED
        )
        return EXIT_INTERRUPTED
    known = error if isinstance(error, StageError) else None
    if known is None and isinstance(error, Exception):
        known = disk_fault(error)
    code = known.exit_code if known else StageError.exit_code
    log.failed(known or error, code)
    return code


def exit_code_of(work: Callable[[], object], log: Log) -> int:
    """Do the work; whatever ends it early is said in the log and becomes the exit code."""
    try:
        work()
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - the last line of defence
        return report(error, log)
    finally:
        log.close()
    return 0


def run_click(program: click.Command, name: str, log: Log | None = None) -> NoReturn:
    """Run a click command as a program; every end has its sentence and the contract's exit code.

    The log, which `LOG_FORMAT` decides about unless it is given, is the command's `obj`.
    """
    signal.signal(signal.SIGTERM, stop)
    stage, asked = name.removeprefix("debate-"), os.environ.get("LOG_FORMAT", "auto")
    log = log or Log(stage, as_json=is_json(asked))
    try:
        code = program.main(prog_name=name, standalone_mode=False, obj=log)
    except click.Abort:
        sys.exit(EXIT_INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(UsageFault.exit_code)
    except click.ClickException as error:
        sys.exit(report(UsageFault(f"{error.format_message()} (see {name} --help)"), log))
    except Exception as error:  # noqa: BLE001 - the last line of defence
        sys.exit(report(error, log))
    sys.exit(code if isinstance(code, int) else 0)


def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    """On SIGTERM: end the work like any fault that passes."""
    raise Stopped("stopped by SIGTERM: run the same command again to go on")
