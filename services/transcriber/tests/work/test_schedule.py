"""Work side by side and ahead; each wait of a fake is bounded, so that a fault cannot hang."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from debate_transcriber.work.schedule import (
    Aside,
    Check,
    Halted,
    gains_side_by_side,
    one_after_the_other,
    prepared_ahead,
    side_by_side,
)

LONG = 10.0  # s: longer than anything here takes


def until_stopped(check: Check, stopped: threading.Event) -> None:
    """Work without end that asks now and then whether to go on."""
    end = time.monotonic() + LONG
    try:
        while time.monotonic() < end:
            check()
            time.sleep(0.001)
    finally:
        stopped.set()


def fail(_check: Check) -> None:
    raise RuntimeError("out of memory")


def test_both_run_at_the_same_time_and_give_their_results() -> None:
    both = threading.Barrier(2, timeout=LONG)

    def meet(result: str) -> Callable[[Check], str]:
        return lambda _check: (both.wait(), result)[1]

    assert side_by_side(meet("words"), meet("voices")) == ("words", "voices")


@pytest.mark.parametrize("which", ["here", "there"])
def test_a_fault_of_one_ends_the_other_and_is_raised(which: str) -> None:
    stopped = threading.Event()

    def endless(check: Check) -> None:
        until_stopped(check, stopped)

    work = (fail, endless) if which == "here" else (endless, fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        side_by_side(*work)
    assert stopped.is_set()


def test_work_that_does_not_stop_is_not_waited_for() -> None:
    release = threading.Event()
    deaf = Aside(lambda _task: release.wait(LONG))

    begun = time.monotonic()
    deaf.stop(patience=0.01)

    assert time.monotonic() - begun < LONG / 2
    release.set()
    assert deaf.result() is True


def test_on_one_device_one_goes_after_the_other() -> None:
    order: list[str] = []
    one_after_the_other(lambda _: order.append("words"), lambda _: order.append("voices"))

    assert order == ["words", "voices"]


@pytest.mark.parametrize(
    ("devices", "gains"),
    [
        (("cuda:0", "cuda:0"), True),
        (("cpu", "cuda"), True),
        (("cpu", "cpu"), False),
        ((None,), False),
    ],
)
def test_engines_work_at_once_where_a_gpu_takes_part(devices: tuple[str], gains: bool) -> None:
    assert gains_side_by_side(devices) is gains


def test_the_next_item_is_prepared_while_this_one_is_used() -> None:
    second_begun = threading.Event()

    def prepare(item: int, _task: object) -> int:
        if item == 2:
            second_begun.set()
        return 10 * item

    with closing(prepared_ahead([1, 2, 3], prepare)) as prepared:
        assert next(prepared) == 10
        assert second_begun.wait(LONG)
        assert list(prepared) == [20, 30]


def test_no_more_than_one_item_is_prepared_ahead() -> None:
    begun: list[int] = []

    def prepare(item: int, task: Aside[int]) -> int:
        begun.append(item)
        task.wait_until_wanted()
        return item

    with closing(prepared_ahead([1, 2, 3], prepare)) as prepared:
        next(prepared)
        assert 3 not in begun


def test_what_is_wrong_with_an_item_is_raised_at_its_turn() -> None:
    def prepare(item: int, _task: object) -> int:
        return 10 // item

    with closing(prepared_ahead([5, 0], prepare)) as prepared:
        assert next(prepared) == 2
        with pytest.raises(ZeroDivisionError):
            next(prepared)


def test_closing_stops_what_is_being_prepared() -> None:
    stopped = threading.Event()

    def prepare(item: int, task: Aside[int]) -> int:
        if item == 2:
            until_stopped(task.check, stopped)
        return item

    with closing(prepared_ahead([1, 2], prepare)) as prepared:
        assert next(prepared) == 1
    assert stopped.is_set()


def test_nothing_to_prepare_gives_nothing() -> None:
    empty: Iterator[int] = iter(())

    assert list(prepared_ahead(empty, lambda item, _task: item)) == []


def test_work_that_waits_until_it_is_wanted_is_halted_when_it_never_will_be() -> None:
    ended: list[BaseException] = []

    def wait(task: Aside[None]) -> None:
        try:
            task.wait_until_wanted()
        except Halted as halted:
            ended.append(halted)

    Aside(wait).stop()

    assert ended


@pytest.mark.parametrize("leave", ["leave(75, at_once=True)", "Aside(hang); leave(75)"])
def test_leaving_waits_neither_for_the_interpreters_end_nor_for_work_that_goes_on(
    leave: str,
) -> None:
    program = (
        "import atexit, time; from debate_transcriber.work.schedule import Aside, leave; "
        "hang = lambda *_: time.sleep(300); atexit.register(hang); " + leave
    )

    run = subprocess.run([sys.executable, "-c", program], timeout=60, check=False)

    assert run.returncode == 75
