"""The audit: what is entered, by whom, and how it is read."""

import csv
import io
from datetime import timedelta
from itertools import pairwise

import pytest
from asking import questions
from clients import CheckedClient
from commands import command
from debate_webapp.accounts import audit, audit_log, users
from debate_webapp.accounts.audit_log import Narrowed
from debate_webapp.accounts.roles import Permission
from debate_webapp.accounts.sign_in import tokens
from debate_webapp.database.base import now
from debate_webapp.database.models import AuditEntry, Transcript
from pages import link_on
from sqlalchemy import Engine, event, func, insert, select, text
from sqlalchemy.orm import Session
from stores import PASSWORD, make_account


def entries(db: Session, **conditions: object) -> list[tuple[str, str, str]]:
    """What is entered, oldest first: who, what, in what detail."""
    found = db.scalars(select(AuditEntry).filter_by(**conditions).order_by(AuditEntry.id))
    return [(one.username, one.action, one.detail) for one in found]


@pytest.fixture
def chief(debate: CheckedClient, administrator: CheckedClient) -> CheckedClient:
    """An administrator beside the editor of debate 1."""
    return administrator


def test_what_is_done_to_a_debate_is_entered_with_it(debate: CheckedClient, db: Session) -> None:
    command(debate, "edit_text", 1, 1, text="Free?")
    debate.send("/debates/1/publication/on", client_id="on")
    debate.send("/debates/1/publication/off", client_id="off")
    debate.get("/api/v1/transcripts/1/export.docx")

    assert entries(db, transcript_id=1) == [
        ("editor", "registered", "Town hall: free buses"),
        ("editor", "edited", "edit_text"),
        ("editor", "published", ""),
        ("editor", "unpublished", ""),
        ("editor", "exported", "docx"),
    ]
    addresses = set(db.scalars(select(AuditEntry.address).filter_by(transcript_id=1)))
    assert addresses == {"127.0.0.1"}


def test_a_repeated_or_refused_command_is_entered_once_or_never(debate, db: Session) -> None:
    for _ in range(2):
        command(debate, "edit_text", 1, 1, client_id="same", text="Free?")
    command(debate, "edit_text", 1, 1, client_id="stale", text="Late?")

    assert [action for _, action, _ in entries(db, action="edited")] == ["edited"]


def test_an_entry_is_there_if_and_only_if_what_it_tells_is(
    debate: CheckedClient, db: Session
) -> None:
    """The database refuses the entry: then nothing was done either."""
    refuse = "BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'refused'); END"
    db.execute(text(f"CREATE TRIGGER no_audit {refuse}"))
    db.commit()

    edited = command(debate, "edit_text", 1, 1, text="Never said.")
    published = debate.send("/debates/1/publication/on", client_id="on")

    assert min(edited.status_code, published.status_code) >= 400
    assert "Never said." not in debate.get("/debates/1").text
    assert not db.scalars(select(Transcript.published)).one()


def test_what_strangers_take_along_is_in_no_record(debate: CheckedClient, db: Session) -> None:
    debate.send("/debates/1/publication/on", client_id="on")
    stranger = debate.application.test_client()
    stranger.get("/api/v1/transcripts/1/export.txt")
    stranger.get("/search.csv?q=bus")
    debate.get("/debates/1/captions.vtt")

    assert entries(db, action="exported") == []


def test_signing_in_and_failing_to_are_entered_and_nothing_that_was_typed(
    client: CheckedClient, db: Session, root
) -> None:
    client.send("/sign-in", username="my secret typed too early", password="guess-number-1")
    for number in range(7):
        client.send("/sign-in", username="editor", password=f"guess-number-{number}")
    client.send("/sign-in", username="editor", password=PASSWORD)
    other = client.application.test_client()
    other.come_in("editor")
    other.send("/sign-out")

    assert entries(db) == [
        ("", "account-added", "editor, publisher"),
        ("", "sign-in-failed", "a name that nobody has"),
        ("editor", "sign-in-failed", ""),
        ("editor", "sign-in-refused", ""),
        ("editor", "signed-in", ""),
        ("editor", "signed-out", ""),
    ]
    kept = b"".join(file.read_bytes() for file in root.glob("webapp.sqlite3*"))
    assert b"guess-number" not in kept
    assert b"typed too early" not in kept


def test_what_administrators_do_to_accounts_is_entered(chief: CheckedClient, db: Session) -> None:
    chief.send("/accounts/1/role", role="editor")
    chief.send("/accounts/1/role", role="editor")
    chief.send("/accounts/1/suspend")
    chief.send("/accounts/1/restore")
    chief.send("/accounts/invitations", role="reader", label="Eva")

    assert entries(db, username="chief")[1:] == [
        ("chief", "role-changed", "editor: publisher to editor"),
        ("chief", "account-suspended", "editor"),
        ("chief", "account-restored", "editor"),
        ("chief", "link-made", "invitation of Eva as reader"),
    ]


def test_who_comes_by_a_link_is_somebody_known_from_then_on(chief, db: Session) -> None:
    own = {"password": "a password of my own", "again": "a password of my own"}
    page = chief.send("/accounts/invitations", role="reader", label="Eva").text
    chief.application.test_client().send(link_on(page), username="eva", **own)
    eva = users.get_user(db, "eva")
    page = chief.send(f"/accounts/{eva.id}/reset").text
    chief.application.test_client().send(link_on(page), **own)

    assert entries(db, username="eva") == [
        ("eva", "account-added", "eva, reader, invited by chief"),
        ("eva", "signed-in", ""),
        ("eva", "password-changed", "eva, by a link made by chief"),
    ]


def test_what_a_token_does_is_entered_under_its_name(debate: CheckedClient, db: Session) -> None:
    scopes = [Permission.READ, Permission.EDIT]
    token = tokens.make(db, users.get_user(db, "editor"), "robot", scopes, 7)
    db.commit()
    headers = {"Authorization": f"Bearer {token}"}
    program = debate.application.test_client(use_cookies=False)
    for _ in range(2):
        program.get("/api/v1/transcripts/1", headers=headers)
    program.post("/api/v1/people", json={"name": "Eva"}, headers=headers)

    assert entries(db, token="robot") == [
        ("editor", "token-used", ""),
        ("editor", "person-added", "Eva"),
    ]


def test_the_page_shows_whom_what_and_when_and_can_be_narrowed(
    chief: CheckedClient, debate: CheckedClient
) -> None:
    command(debate, "edit_text", 1, 1, text="Free?")
    page = chief.get("/audit").text
    for words in ("Registered a debate", "Town hall: free buses", "Edited", "127.0.0.1", "chief"):
        assert words in page
    rows = chief.get("/audit?action=edited").text
    assert rows.count("<tr>") == 2
    assert chief.get("/audit?user=chief&action=edited").text.count("Nothing of that kind") == 1
    assert chief.get("/audit?user=nobody").text.count("Nothing of that kind") == 1
    assert "edit_text" in chief.get("/audit?debate=1&user=editor").text
    today, yesterday = now().date(), now().date() - timedelta(days=1)
    assert "edit_text" in chief.get(f"/audit?from={today}&to={today}").text
    assert "edit_text" not in chief.get(f"/audit?to={yesterday}").text


@pytest.mark.parametrize("asked", ["to=9999-12-31", "from=0001-01-01", "user=a%00b"])
def test_any_day_and_any_name_can_be_asked_for(chief: CheckedClient, asked: str) -> None:
    for page in ("audit", "audit.csv"):
        assert chief.get(f"/{page}?{asked}").status_code == 200


@pytest.mark.parametrize("asked", ["action=x", "from=yesterday", "debate=x", "before=x"])
def test_what_cannot_be_asked_is_refused(chief: CheckedClient, asked: str) -> None:
    assert chief.get(f"/audit?{asked}").status_code == 400


def test_the_file_says_the_same_and_is_entered_itself(chief: CheckedClient, db: Session) -> None:
    reply = chief.get("/audit.csv?action=registered")
    rows = list(csv.DictReader(io.StringIO(reply.data.decode("utf-8-sig"))))

    assert [(row["what"], row["account"], row["debate"], row["title"]) for row in rows] == [
        ("Registered a debate", "editor", "1", "Town hall: free buses")
    ]
    assert entries(db, username="chief")[-1] == ("chief", "exported", "the audit")


def test_a_title_that_would_be_a_formula_is_none_in_the_file(chief, make_job, debate) -> None:
    media = {"path": "videos/Town_hall.mp4", "source": {"title": '=HYPERLINK("x")'}}
    debate.send("/debates", uri=str(make_job("formula", media=media)))

    assert "'=HYPERLINK" in chief.get("/audit.csv").data.decode("utf-8-sig")


def test_a_million_entries_cost_a_page_what_few_do(engine: Engine) -> None:
    """By its plan: each page is read from an index, in order, as far as it is shown."""
    with Session(engine) as session:
        make_account(session, "ana")
        actions = list(audit.ACTIONS)
        rows = [
            {"action": actions[n % len(actions)], "at": now() - timedelta(minutes=n // 3)}
            for n in range(3000)
        ]
        session.execute(insert(AuditEntry), rows)
        session.commit()
        session.execute(text("ANALYZE"))
        if engine.dialect.name == "postgresql":  # whose planner sorts what is as little as this
            for way in ("sort", "seqscan", "bitmapscan", "hashjoin", "mergejoin"):
                session.execute(text(f"SET LOCAL enable_{way} = off"))
        read = _rows_read(engine, session)

        for narrowed in (
            Narrowed(),
            Narrowed(action="published"),
            Narrowed(username="ana"),
            Narrowed(transcript_id=1),
            Narrowed(since=now().date(), until=now().date()),
        ):
            plan = read(narrowed)
            assert "ix_audit_entry" in plan, plan
            assert "SCAN audit_entry\n" not in plan + "\n"
            assert "Seq Scan on audit_entry" not in plan
            assert "TEMP B-TREE" not in plan
            assert "Sort" not in plan


def _rows_read(engine: Engine, session: Session):
    """How the database will read a page."""

    def explain(narrowed: Narrowed) -> str:
        said: list[tuple[str, object]] = []

        def catch(_connection, _cursor, sql: str, given: object, *_: object) -> None:
            if "FROM audit_entry LEFT" in sql:
                said.append((sql, given))

        event.listen(engine, "before_cursor_execute", catch)
        audit_log.read_page(session, narrowed)
        event.remove(engine, "before_cursor_execute", catch)
        sql, given = said[0]
        how = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
        found = session.connection().exec_driver_sql(f"{how} {sql}", given)
        return "\n".join(str(row[-1]) for row in found)

    return explain


def test_pages_have_every_entry_once_also_of_one_moment(engine: Engine) -> None:
    with Session(engine) as session:
        at = now()
        many = 2 * audit_log.PAGE + 7
        session.execute(insert(AuditEntry), [{"action": "edited", "at": at} for _ in range(many)])
        session.commit()
        found: list[int] = []
        cursor = None
        while True:
            page = audit_log.read_page(session, Narrowed(action="edited"), cursor)
            found += [one.id for one in page.entries]
            cursor = page.next_cursor
            if cursor is None:
                break

        assert len(found) == session.scalar(select(func.count()).select_from(AuditEntry)) == many
        assert all(earlier > later for earlier, later in pairwise(found))


def test_the_file_is_read_in_parts_and_says_where_it_ends(
    chief: CheckedClient, db: Session, monkeypatch
) -> None:
    """No more of it is in memory at once than a part, however much there is."""
    monkeypatch.setattr(audit_log, "PART", 10)
    monkeypatch.setattr(audit_log, "MOST", 35)
    db.execute(insert(AuditEntry), [{"action": "edited"} for _ in range(100)])
    db.commit()
    with questions(chief.application) as asked:
        reply = chief.get("/audit.csv?action=edited")
    rows = list(csv.DictReader(io.StringIO(reply.data.decode("utf-8-sig"))))

    assert len([one for one in asked if "FROM audit_entry LEFT" in one]) == 4
    assert [row["what"] for row in rows[:-1]] == ["Edited"] * 35
    assert rows[-1]["detail"] == "Only the newest 35 are listed; ask for earlier days apart."
    assert "Only the newest" not in chief.get("/audit.csv?action=registered").text


def test_only_what_is_in_the_list_of_actions_can_be_entered(db: Session) -> None:
    with pytest.raises(ValueError, match="not in ACTIONS"):
        audit.record(db, "made-up")


def test_an_address_that_a_proxy_made_up_is_entered_as_far_as_it_fits(engine: Engine) -> None:
    with Session(engine) as session:
        audit.act_as(session, audit.Actor(address="x" * 300))
        audit.record(session, "signed-in")
        session.commit()

        assert session.scalars(select(AuditEntry.address)).one() == "x" * 45
