"""Failures told: a webhook and a mail server on loopback, once for all that fail together."""

import json
import socket
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from debate_contract.errors import UsageFault
from debate_webapp.database.base import now
from debate_webapp.database.models import FailedJob
from debate_webapp.database.submissions import Submission
from debate_webapp.submitting import queue
from debate_webapp.submitting.queue import State
from debate_webapp.telling import channels, failures
from debate_webapp.telling.channels import Mail, Webhook, channels_from, sign
from debate_webapp.telling.teller import Teller
from newsrooms import Newsroom

SECRET = "a-secret-of-the-newsroom"


class Hook:
    """Answers each POST with the next status, the last one for ever; keeps what it got."""

    def __init__(self) -> None:
        self.statuses, self.got, self.gets = [204], [], []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}/hook"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append((dict(self.headers), body))
                status = hook.statuses.pop(0) if len(hook.statuses) > 1 else hook.statuses[0]
                self.send_response(status)
                self.send_header("Location", f"{hook.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                hook.gets.append(self.path)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


def fail(newsroom: Newsroom, *names: str, ago: int = 120) -> list[int]:
    ids = newsroom.submit(*names)
    with newsroom.sessions() as session:
        for row_id in ids:
            row = queue.find(session, row_id)
            at = now() - timedelta(seconds=ago)
            ended = {"finished_at": at, "message": f"{row.title} is private"}
            queue.move(session, row, [State.WAITING], State.FAILED, **ended)
        session.commit()
    return ids


def turn(newsroom: Newsroom, teller: Teller, times: int = 2) -> None:
    """So often that a message is sent, and what came of it is entered."""
    for _ in range(times):
        for line in teller.lines:
            line.next = 0.0
        with newsroom.sessions() as session:
            teller.turn(session)
        for line in teller.lines:
            if line.thread:
                line.thread.join(5)


def test_what_failed_together_is_told_once_and_signed(newsroom: Newsroom, hook: Hook) -> None:
    fail(newsroom, "a", "b", "c")
    teller = Teller([Webhook(hook.url, SECRET)], "https://debates.example")

    turn(newsroom, teller, 5)

    ((headers, body),) = hook.got
    told = json.loads(body)
    assert [one["title"] for one in told["failures"]] == [f"x.example/{n}" for n in "abc"]
    assert told["failures"][0]["sentence"] == "x.example/a is private"
    assert told["page"] == "https://debates.example/submissions"
    at = headers["X-Debate-Time"]
    assert abs(time.time() - int(at)) < 30
    assert headers["X-Debate-Signature"] == sign(SECRET, at, body)
    assert sign(SECRET, at, body + b" ") != sign(SECRET, at, body)


def test_a_minute_is_waited_for_the_rest_of_the_list(newsroom: Newsroom, hook: Hook) -> None:
    fail(newsroom, "a", ago=120)
    fail(newsroom, "b", ago=5)
    turn(newsroom, Teller([Webhook(hook.url, SECRET)], None))

    assert hook.got == []


def test_what_goes_on_failing_is_told_after_ten_minutes_all_the_same(
    newsroom: Newsroom, hook: Hook
) -> None:
    fail(newsroom, "a", ago=11 * 60)
    fail(newsroom, "b", ago=5)
    turn(newsroom, Teller([Webhook(hook.url, SECRET)], None))

    assert len(hook.got) == 1


def test_what_does_not_arrive_is_told_again_and_no_more_than_that(
    newsroom: Newsroom, hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    fail(newsroom, "a")
    hook.statuses = [500, 204]
    teller = Teller([Webhook(hook.url, SECRET)], None)
    turn(newsroom, teller)
    for _ in range(2):
        with newsroom.sessions() as session:
            teller.turn(session)  # not before a minute is over
    assert len(hook.got) == 1
    assert "answers with 500" in caplog.text

    turn(newsroom, teller, 5)

    assert len(hook.got) == 2


def test_a_redirect_is_not_followed(newsroom: Newsroom, hook: Hook) -> None:
    fail(newsroom, "a")
    hook.statuses = [302]

    turn(newsroom, Teller([Webhook(hook.url, SECRET)], None))

    assert len(hook.got) == 1
    assert hook.gets == []


def test_what_is_old_or_was_told_before_a_restart_is_not_told(
    newsroom: Newsroom, hook: Hook
) -> None:
    fail(newsroom, "a")
    turn(newsroom, Teller([Webhook(hook.url, SECRET)], None))
    fail(newsroom, "old", ago=2 * 24 * 3600)

    turn(newsroom, Teller([Webhook(hook.url, SECRET)], None), 4)

    assert len(hook.got) == 1


def test_what_fails_again_is_told_again(newsroom: Newsroom) -> None:
    (row_id,) = fail(newsroom, "a")
    with newsroom.sessions() as session:
        failures.note_told(session, failures.list_untold(session))
        assert failures.list_untold(session) == []

    fail_again(newsroom, row_id)

    with newsroom.sessions() as session:
        assert len(failures.list_untold(session)) == 1


def fail_again(newsroom: Newsroom, row_id: int) -> None:
    newsroom.act(queue.try_again, row_id)
    with newsroom.sessions() as session:
        ended = {"finished_at": now() - timedelta(seconds=90), "message": "it is private"}
        queue.move(session, queue.find(session, row_id), [State.WAITING], State.FAILED, **ended)
        session.commit()


def test_what_failed_again_before_the_first_time_was_entered_is_told_again(
    newsroom: Newsroom, hook: Hook
) -> None:
    (row_id,) = fail(newsroom, "a")
    teller = Teller([Webhook(hook.url, SECRET)], None)
    turn(newsroom, teller, 1)  # it was told; nobody entered it yet

    fail_again(newsroom, row_id)
    turn(newsroom, teller, 3)

    assert [json.loads(body)["failures"][0]["sentence"] for _, body in hook.got] == [
        "x.example/a is private",
        "it is private",
    ]


def test_a_job_of_a_terminal_is_told_and_one_that_was_submitted_here_once(
    newsroom: Newsroom,
) -> None:
    (row_id,) = fail(newsroom, "a")
    with newsroom.sessions() as session:
        session.get_one(Submission, row_id).job_id = "7"
        at = datetime.now(UTC) - timedelta(minutes=5)
        for job, folder in (("own", "7"), ("list", "8")):
            place = f"s3://debates/jobs/{folder}/transcripts"
            words = "3 of 10 recordings failed"
            session.add(FailedJob(job_id=job, name=job, transcripts=place, sentence=words, at=at))
        session.commit()

        told = failures.list_untold(session)

        assert [one.key for one in told] == [("submission", row_id), ("job", "list")]


def test_a_hundred_jobs_of_the_queue_do_not_hide_one_of_a_terminal(newsroom: Newsroom) -> None:
    ids = fail(newsroom, *(f"talk-{n}" for n in range(100)))
    with newsroom.sessions() as session:
        at = datetime.now(UTC) - timedelta(minutes=5)
        for row_id in (*ids, 9999):
            if row_id in ids:
                session.get_one(Submission, row_id).job_id = str(row_id)
            place = f"s3://debates/jobs/{row_id}/transcripts"
            session.add(
                FailedJob(job_id=f"j{row_id}", name="", transcripts=place, sentence="", at=at)
            )
            at += timedelta(seconds=1)
        session.commit()

        told = failures.list_untold(session)

    assert [one.key for one in told if one.key[0] == "job"] == [("job", "j9999")]


class Post(socketserver.StreamRequestHandler):
    """A mail server as far as a mail needs one."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line.split()[0].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.got.append(b"".join(lines).decode())  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 well\r\n")


def test_a_mail_names_each_and_says_why(newsroom: Newsroom) -> None:
    fail(newsroom, "a", "b")
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post) as post:
        post.got = []  # type: ignore[attr-defined]
        threading.Thread(target=post.serve_forever, daemon=True).start()
        server = f"smtp://127.0.0.1:{post.server_address[1]}"
        mail = Mail(server, "site@debates.example", "desk@debates.example")

        turn(newsroom, Teller([mail], "https://debates.example"))

        post.shutdown()
    (text,) = post.got  # type: ignore[attr-defined]
    assert "Subject: 2 recordings did not become a debate" in text
    assert "To: desk@debates.example" in text
    assert "x.example/a\r\n    x.example/a is private" in text
    assert "https://debates.example/submissions" in text


def test_a_channel_that_is_down_does_not_keep_the_other_from_being_told(
    newsroom: Newsroom, hook: Hook
) -> None:
    fail(newsroom, "a")
    nobody = Webhook("http://127.0.0.1:9/", SECRET)
    teller = Teller([nobody, Webhook(hook.url, SECRET)], None)

    turn(newsroom, teller, 3)

    assert len(hook.got) == 1


def test_a_channel_that_is_down_keeps_no_later_failure_from_the_other(
    newsroom: Newsroom, hook: Hook
) -> None:
    teller = Teller([Webhook("http://127.0.0.1:9/", SECRET), Webhook(hook.url, SECRET)], None)
    fail(newsroom, "a", ago=240)
    turn(newsroom, teller)

    fail(newsroom, "b")
    turn(newsroom, teller)

    told = [json.loads(body)["failures"] for _, body in hook.got]
    assert [[one["title"] for one in message] for message in told] == [
        ["x.example/a"],
        ["x.example/b"],
    ]


@contextmanager
def listening(answer: Callable[[socket.socket], object]) -> Iterator[int]:
    """A port where who connects is answered so, one at a time."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, suppress(OSError):
                        answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def test_one_who_answers_byte_by_byte_keeps_no_other_waiting(
    newsroom: Newsroom, hook: Hook
) -> None:
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 ")
        while not over.wait(0.1):
            connection.sendall(b"2")

    fail(newsroom, "a")
    with listening(drip) as port:
        slow = Webhook(f"http://127.0.0.1:{port}/", SECRET)
        teller = Teller([slow, Webhook(hook.url, SECRET)], None)
        with newsroom.sessions() as session:
            teller.turn(session)
        deadline = time.monotonic() + 5
        while not hook.got and time.monotonic() < deadline:
            time.sleep(0.02)
        over.set()

    assert len(hook.got) == 1


def test_of_an_answer_without_end_nothing_is_read() -> None:
    sent: list[int] = []

    def pour(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(1000):
            sent.append(connection.send(bytes(1_000_000)))

    with listening(pour) as port:
        Webhook(f"http://127.0.0.1:{port}/", SECRET).tell([], "")

    assert sum(sent) < 50_000_000


def test_the_path_of_a_hook_which_is_a_secret_is_in_no_log(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    fail(newsroom, "a")
    hook = Webhook("http://127.0.0.1:9/services/planted?token=planted", SECRET)

    turn(newsroom, Teller([hook], None))

    assert "127.0.0.1 cannot be reached" in caplog.text
    assert "planted" not in caplog.text + repr(hook)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_server_with_anybodys_certificate_does_not_see_the_password(
    scheme: str, tmp_path: Path
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=mallory"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    seen: list[bytes] = []

    def post(connection: socket.socket) -> None:
        if scheme == "smtp":
            connection.sendall(b"220 here\r\n")
            while not connection.recv(1000).startswith(b"STARTTLS"):
                connection.sendall(b"250-well\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")
            connection.sendall(b"220 go on\r\n")
        with context.wrap_socket(connection, server_side=True) as tls:
            if scheme == "smtps":
                tls.sendall(b"220 here\r\n")
            while line := tls.recv(1000):
                seen.append(line)
                tls.sendall(
                    b"250-well\r\n250 AUTH PLAIN\r\n" if line[:4] == b"ehlo" else b"535 no\r\n"
                )

    with listening(post) as port:
        mail = Mail(f"{scheme}://ana:planted@127.0.0.1:{port}", "a@x.example", "b@x.example")
        with pytest.raises(OSError, match="certificate"):
            mail.tell([], "")

    assert seen == []


@pytest.mark.parametrize(
    "variables",
    [
        {"WEBHOOK_URL": "ftp://x.example", "WEBHOOK_SECRET": SECRET},
        {"WEBHOOK_URL": "https://x.example"},
        {"WEBHOOK_URL": "https://x.example", "WEBHOOK_SECRET": "short"},
        {"SMTP_URL": "smtp://x.example"},
        {"MAIL_TO": "a@x.example"},
        {"SMTP_URL": "x.example", "MAIL_TO": "a@x.example", "MAIL_FROM": "b@x.example"},
        {"SMTP_URL": "smtp://x", "MAIL_TO": "a@x.example\nBcc: c@x", "MAIL_FROM": "b@x.example"},
    ],
)
def test_half_a_channel_is_refused(variables: dict[str, str]) -> None:
    with pytest.raises(UsageFault):
        channels_from(variables)


def test_no_secret_is_in_a_settings_text() -> None:
    given = channels_from(
        {
            "WEBHOOK_URL": "https://x.example", "WEBHOOK_SECRET": SECRET, "MAIL_TO": "a@x.example",
            "MAIL_FROM": "b@x.example", "SMTP_URL": "smtps://user:planted@x.example",
        }
    )  # fmt: skip
    assert [type(one) for one in given] == [channels.Webhook, channels.Mail]
    assert SECRET not in repr(given)
    assert "planted" not in repr(given)


def test_the_keeper_tells_though_nothing_is_in_the_queue(newsroom: Newsroom, hook: Hook) -> None:
    fail(newsroom, "a")
    newsroom.keeper._teller = Teller([Webhook(hook.url, SECRET)], None)

    newsroom.keeper.turn()

    (line,) = newsroom.keeper._teller.lines
    assert line.thread
    line.thread.join(20)
    assert len(hook.got) == 1
