"""The database's password in a secret of AWS, replaced while the site runs."""

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from debate_webapp.database.engine import make_engine
from moto import mock_aws
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError


class Database:
    """A role that signs in by a password, and the secret that should hold it."""

    def __init__(self, admin: Connection, url: str) -> None:
        self.admin, self.url = admin, url.replace("//test@", "//debate@")
        self.secrets = boto3.client("secretsmanager", region_name="eu-west-1")
        self.arn = self.secrets.create_secret(Name="rds!db-1")["ARN"]

    def keep(self, password: str) -> None:
        body = json.dumps({"username": "debate", "password": password})
        self.secrets.put_secret_value(SecretId=self.arn, SecretString=body)

    def change(self, password: str) -> None:
        self.admin.execute(text(f"ALTER ROLE debate PASSWORD '{password}'"))


@pytest.fixture
def database(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Everybody else is trusted on that server; this role has to sign in."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with mock_aws(), admin.connect() as connection:
        hba = Path(connection.execute(text("SHOW hba_file")).scalar_one())
        before = hba.read_text()
        hba.write_text(f"host all debate 127.0.0.1/32 scram-sha-256\n{before}")
        connection.execute(text("CREATE ROLE debate LOGIN"))
        connection.execute(text("SELECT pg_reload_conf()"))
        made = Database(connection, postgres)
        monkeypatch.setenv("DATABASE_SECRET_ARN", made.arn)
        yield made
        hba.write_text(before)
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("DROP ROLE debate"))
    admin.dispose()


def test_a_password_that_was_replaced_is_asked_for_again(database: Database) -> None:
    database.change("first")
    database.keep("first")
    engine = make_engine(database.url)
    for password in ("first", "second", "third"):
        database.change(password)
        database.keep(password)
        with engine.connect() as one, engine.connect() as another:
            assert one.execute(text("SELECT 1")).scalar() == 1
            assert another.execute(text("SELECT current_user")).scalar() == "debate"
        engine.dispose()


def test_a_secret_that_does_not_fit_is_no_endless_try(database: Database) -> None:
    database.change("right")
    database.keep("wrong")
    engine = make_engine(database.url)

    for _ in range(2):
        with pytest.raises(OperationalError, match="password authentication failed"):
            engine.connect()
    engine.dispose()
