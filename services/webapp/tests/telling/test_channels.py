"""The channels: what a webhook and a mail server get, and what one that is down or slow costs."""

import json
import socket
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from debate_contract.errors import UsageFault
from debate_webapp.telling import channels
from debate_webapp.telling.channels import Mail, Webhook, channels_from
from debate_webapp.telling.teller import Teller
from hooks import SECRET, Hook, fail, turn
from newsrooms import Newsroom


def test_a_redirect_is_not_followed(newsroom: Newsroom, hook: Hook) -> None:
    fail(newsroom, "a")
    hook.statuses = [302]

    turn(newsroom, Teller([Webhook(hook.url, SECRET)], None))

    assert len(hook.got) == 1
    assert hook.gets == []


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
