"""One-time links: the first set-up, invitations, new passwords."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from clients import CheckedClient
from debate_webapp.accounts import audit, users
from debate_webapp.accounts.roles import Role
from debate_webapp.accounts.sign_in import links
from debate_webapp.accounts.sign_in.by_password import authenticate
from debate_webapp.accounts.sign_in.links import Purpose, UsedUp
from debate_webapp.database.base import now
from debate_webapp.database.models import OneTimeLink, User
from pages import link_on
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session
from stores import PASSWORD, make_account

OWN = "a password of my own"


def test_somebody_invited_makes_an_account_of_that_role_once(administrator: CheckedClient) -> None:
    page = administrator.send("/accounts/invitations", role="reader", label="Eva").text
    path = link_on(page)
    assert path not in administrator.get("/accounts").text, "it is shown once"
    assert "Eva" in administrator.get("/accounts").text

    eva = administrator.application.test_client()
    form = eva.get(path)
    assert form.headers["Referrer-Policy"] == "no-referrer"
    assert path not in form.text.replace(f'action="{path}"', "")
    fields = {"username": "eva", "password": OWN, "again": OWN}
    welcome = eva.send(path, **fields)
    assert "Welcome, eva." in welcome.text
    assert "reader" in eva.get("/account").text

    again = administrator.application.test_client()
    assert again.send(path, **fields | {"username": "eva-2"}).status_code == 410
    assert again.get(path).status_code == 410


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"username": "chief"}, "There is an account called chief already."),
        ({"username": ""}, "Choose a username."),
        ({"again": "another password"}, "The two passwords differ."),
        ({"password": "short", "again": "short"}, "A password has 12 to 200 characters."),
    ],
)
def test_what_is_wrong_with_an_account_to_be_is_said_and_the_link_stays(
    administrator: CheckedClient, fields: dict[str, str], said: str
) -> None:
    path = link_on(administrator.send("/accounts/invitations", role="editor").text)
    right = {"username": "eva", "password": OWN, "again": OWN}

    wrong = administrator.send(path, **right | fields)

    assert wrong.status_code == 422
    assert said in wrong.text
    assert OWN not in wrong.text
    assert "Welcome, eva." in administrator.send(path, **right).text


def test_an_invitation_can_be_taken_back(administrator: CheckedClient) -> None:
    path = link_on(administrator.send("/accounts/invitations", role="editor", label="Eva").text)
    page = administrator.get("/accounts").text
    administrator.send(re.search(r"/accounts/invitations/\w{16}/withdraw", page)[0])

    assert administrator.get(path).status_code == 410


def test_a_link_for_a_new_password_ends_all_sessions(
    administrator: CheckedClient, db: Session
) -> None:
    ana = make_account(db, "ana")
    browser = administrator.application.test_client()
    browser.come_in("ana")
    older = link_on(administrator.send(f"/accounts/{ana.id}/reset").text)
    path = link_on(administrator.send(f"/accounts/{ana.id}/reset").text)
    assert administrator.get(older).status_code == 410

    stranger = administrator.application.test_client()
    assert "For ana" in stranger.get(path).text
    done = stranger.send(path, password=OWN, again=OWN)

    assert "Your password is changed" in done.text
    assert "Sign out" not in browser.get("/").text
    assert "Sign out" in stranger.send("/sign-in", username="ana", password=OWN).text
    assert stranger.send(path, password=OWN, again=OWN).status_code == 410


def test_links_end_by_themselves(administrator: CheckedClient, db: Session) -> None:
    path = link_on(administrator.send("/accounts/invitations", role="editor").text)
    db.execute(update(OneTimeLink).values(expires_at=now() - timedelta(seconds=1)))
    db.commit()

    assert administrator.get(path).status_code == 410
    fields = {"username": "eva", "password": OWN, "again": OWN}
    assert administrator.send(path, **fields).status_code == 410


def test_a_link_is_for_its_purpose_alone(administrator: CheckedClient) -> None:
    secret = link_on(administrator.send("/accounts/invitations", role="reader").text).split("/")[-1]

    for purpose in ("set-up", "reset"):
        assert administrator.get(f"/{purpose}/{secret}").status_code == 410


def test_what_is_kept_of_a_link_opens_nothing(administrator: CheckedClient, db: Session) -> None:
    path = link_on(administrator.send("/accounts/invitations", role="reader").text)
    kept = db.scalars(select(OneTimeLink)).one()

    assert path.split("/")[-1] not in vars(kept).values()
    assert administrator.get(f"/invitation/{kept.digest}").status_code == 410


@pytest.fixture
def empty(db: Session) -> Session:
    """A site without accounts."""
    db.execute(delete(User))
    db.commit()
    return db


def test_the_first_link_makes_the_administrator_and_no_second_one(
    empty: Session, client: CheckedClient
) -> None:
    older, path = links.make_set_up(empty), links.make_set_up(empty)
    assert client.get(older).status_code == 410, "each start has a new one"

    page = client.send(path, username="chief", password=OWN, again=OWN)

    assert "Welcome, chief." in page.text
    assert client.get("/accounts").status_code == 200
    assert links.make_set_up(empty) is None


def test_of_two_first_starts_at_once_one_link_works(engine: Engine) -> None:
    """Two tasks of a new site look at the empty database at the same time."""
    barrier = Barrier(4)

    def start(_number: int) -> str | None:
        with Session(engine) as session:
            barrier.wait(timeout=20)
            return links.make_set_up(session)

    with ThreadPoolExecutor(4) as starting:
        made = [*starting.map(start, range(4))]

    with Session(engine) as session:
        kept = session.scalars(select(OneTimeLink.purpose)).all()
    assert all(made)
    assert kept == [Purpose.SET_UP]


def test_the_first_link_leads_nowhere_once_there_is_an_account(
    empty: Session, client: CheckedClient
) -> None:
    path = links.make_set_up(empty)
    make_account(empty, "made-meanwhile")

    reply = client.send(path, username="chief", password=OWN, again=OWN)

    assert reply.status_code == 410
    assert [user.username for user in users.list_users(empty)] == ["made-meanwhile"]


def test_of_two_who_use_a_link_at_once_one_does(engine: Engine) -> None:
    with Session(engine) as session:
        secret = links.invite(session, Role.EDITOR).split("/")[-1]
        session.commit()
    gate = Barrier(4)

    def use(number: int) -> str | None:
        with Session(engine) as session:
            links.look_at(session, Purpose.INVITATION, secret)
            gate.wait()
            try:
                return links.make_account(
                    session, Purpose.INVITATION, secret, f"user-{number}", OWN
                ).username
            except UsedUp:
                return None

    with ThreadPoolExecutor(4) as pool:
        made = [name for name in pool.map(use, range(4)) if name]

    with Session(engine) as session:
        assert [user.username for user in users.list_users(session)] == made
    assert len(made) == 1


def test_of_two_who_set_a_password_by_one_link_one_does(engine: Engine) -> None:
    with Session(engine) as session:
        ana = make_account(session, "ana", PASSWORD)
        secret = links.make_reset(session, ana).split("/")[-1]
        session.commit()
    gate = Barrier(2)

    def use(password: str) -> str | None:
        with Session(engine) as session:
            gate.wait()
            try:
                links.reset_password(session, secret, password)
            except UsedUp:
                return None
            return password

    with ThreadPoolExecutor(2) as pool:
        done = [
            one for one in pool.map(use, ["a password, the first", "a password, another"]) if one
        ]

    assert len(done) == 1
    with Session(engine) as session:
        assert authenticate(session, "ana", done[0], "192.0.2.1")


def test_of_two_administrators_who_demote_each_other_at_once_one_stays(engine: Engine) -> None:
    with Session(engine) as session:
        for name in ("ana", "petr"):
            make_account(session, name, role=Role.ADMINISTRATOR)
    gate = Barrier(2)

    def demote(name: str) -> bool:
        with Session(engine) as session:
            user = users.get_user(session, name)
            gate.wait()
            try:
                users.set_role(session, user, Role.EDITOR)
            except users.LastAdministrator:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, ("ana", "petr"))) == [False, True]
    with Session(engine) as session:
        roles = [user.role for user in users.list_users(session)]
        assert sorted(roles) == ["administrator", "editor"]


@pytest.mark.parametrize("end", ["suspended", "demoted"])
def test_links_end_with_the_administrator_who_made_them_and_no_others_do(
    db: Session, end: str
) -> None:
    chief = make_account(db, "chief", role=Role.ADMINISTRATOR)
    other = make_account(db, "other", role=Role.ADMINISTRATOR)
    make_account(db, "ana")
    kept, to_other = links_of(db, chief, "editor")
    good, for_ana = links_of(db, other, "ana")

    users.suspend(db, chief) if end == "suspended" else users.set_role(db, chief, Role.READER)
    db.commit()

    with pytest.raises(UsedUp):
        links.make_account(db, Purpose.INVITATION, kept, "back-again", OWN)
    with pytest.raises(UsedUp):
        links.reset_password(db, to_other, OWN)
    assert links.make_account(db, Purpose.INVITATION, good, "eva", OWN).username == "eva"
    assert links.reset_password(db, for_ana, OWN).username == "ana"


def links_of(db: Session, maker: User, whose: str) -> tuple[str, str]:
    """The secrets of an invitation and of a link for somebody's new password, made by one."""
    audit.act_as(db, audit.Actor(maker.id, maker.username))
    paths = links.invite(db, Role.ADMINISTRATOR), links.make_reset(db, users.get_user(db, whose))
    db.commit()
    invitation, reset = (path.split("/")[-1] for path in paths)
    return invitation, reset


def test_an_invitation_says_who_made_it(administrator: CheckedClient, db: Session) -> None:
    links.invite(db, Role.READER, "Petr")
    db.commit()
    administrator.send("/accounts/invitations", role="reader", label="Eva")

    page = administrator.get("/accounts").text

    assert re.search(r"Petr.*invited on the command line, until.*Eva.*by chief, until", page, re.S)


@pytest.mark.parametrize("end", ["another password", "suspended"])
def test_a_link_for_a_new_password_ends_with_the_password_that_was_to_be_replaced(
    db: Session, end: str
) -> None:
    user = users.get_user(db, "editor")
    secret = links.make_reset(db, user).split("/")[-1]
    db.commit()

    users.suspend(db, user) if end == "suspended" else users.set_password(db, user, OWN)
    db.commit()

    with pytest.raises(UsedUp):
        links.reset_password(db, secret, "a password of somebody else")
