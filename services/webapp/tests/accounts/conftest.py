import pytest
from clients import CheckedClient
from debate_webapp.accounts.roles import Role
from flask import Flask
from sqlalchemy.orm import Session
from stores import make_account


@pytest.fixture
def administrator(app: Flask, client: CheckedClient, db: Session) -> CheckedClient:
    """An administrator in a browser of their own, beside that of the reader or editor."""
    make_account(db, "chief", role=Role.ADMINISTRATOR)
    other = app.test_client()
    assert isinstance(other, CheckedClient)
    other.come_in("chief")
    return other
