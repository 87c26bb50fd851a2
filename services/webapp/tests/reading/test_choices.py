"""Whom editors mean by what they type, in an archive of any number of people."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from asking import questions
from clients import CheckedClient
from commands import name
from debate_contract.errors import BadInput
from debate_webapp.database.models import Person
from debate_webapp.reading.people import all_choices, choices_of, find_or_add, suggest
from debate_webapp.search.words import fold
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session


@pytest.fixture
def people(debate: CheckedClient, db: Session) -> Session:
    """Two of one name, one whose name ends like a slug, and 3,000 others."""
    db.add_all(Person(slug=f"other-{n}", name=f"Nobody Nr. {n}") for n in range(3000))
    for slug, called in (
        ("ana", "Ana Nováková"), ("ana-2", "Ana Nováková"), ("eva", "Eva Malá (ODS)"),
        ("iva", "İva Ünal"), ("sz", "Straße"),
    ):  # fmt: skip
        db.add(Person(slug=slug, name=called))
    db.commit()
    return db


def slug_of(session: Session, typed: str) -> str | None:
    found = find_or_add(session, typed)
    return found.slug if found else None


def test_of_some_people_the_same_is_typed_as_of_all(people: Session) -> None:
    everyone = all_choices(people)
    assert dict(choices_of(people, everyone.values())) == dict(everyone)
    assert set(choices_of(people, [everyone["Ana Nováková (ana-2)"]])) == {"Ana Nováková (ana-2)"}
    assert choices_of(people, []) == {}


def test_whatever_is_picked_means_the_one_it_was_picked_for(people: Session) -> None:
    everyone = all_choices(people)
    picked = [choice for choice in everyone if "Nobody" not in choice] + ["Nobody Nr. 77"]
    for typed in (*picked, *map(str.lower, picked), *map(str.upper, picked)):
        known = {choice.casefold(): person.slug for choice, person in everyone.items()}
        if typed.casefold() in known:
            assert slug_of(people, typed) == known[typed.casefold()]
    assert len(people.scalars(select(Person)).all()) == len(everyone), "nobody was added"


def test_names_that_differ_in_capitals_alone_mean_each_their_own(people: Session) -> None:
    people.add_all([Person(slug="jan", name="JAN NOVÁK"), Person(slug="jan-2", name="Jan Novák")])
    assert [slug_of(people, typed) for typed in ("JAN NOVÁK", "Jan Novák")] == ["jan", "jan-2"]


def test_a_name_that_several_have_adds_nobody_else(people: Session) -> None:
    with pytest.raises(BadInput, match=r"Ana Nováková \(ana\) or Ana Nováková \(ana-2\)"):
        find_or_add(people, "ana nováková")
    assert people.scalar(select(func.count()).where(Person.name == "Ana Nováková")) == 2


def test_two_who_add_a_name_whose_address_is_taken_add_one_person(postgres_engine: Engine) -> None:
    with Session(postgres_engine) as one, Session(postgres_engine) as other:
        find_or_add(one, "Ana Novakova")
        one.commit()
        mine = slug_of(one, "Ana Nováková")
        with ThreadPoolExecutor() as threads:
            theirs = threads.submit(slug_of, other, "Ana Nováková")
            with pytest.raises(TimeoutError):
                theirs.result(timeout=1)
            one.commit()
        assert mine == theirs.result() == "ana-novakova-2"


@given(st.text(min_size=1, max_size=20))
def test_names_that_differ_in_capitals_alone_have_the_same_words(typed: str) -> None:
    for other in (typed.casefold(), typed.upper(), typed.lower()):
        if other.casefold() == typed.casefold():
            assert fold(other) == fold(typed)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("nova", ["Ana Nováková (ana)", "Ana Nováková (ana-2)"]),
        ("mal EV", ["Eva Malá (ODS)"]),
        ("nobody 2999", ["Nobody Nr. 2999"]),
        ("ova", []),
        ("%", []),
        ("", []),
        ("'); --", []),
        ("word " * 100, []),
    ],
)
def test_as_one_types_those_are_offered_whose_words_begin_so(
    people: Session, typed: str, found: list[str]
) -> None:
    assert list(suggest(people, typed)) == found


def test_of_many_some_are_offered(people: Session) -> None:
    assert len(suggest(people, "nobody")) == 20


def test_programs_ask_the_same(debate: CheckedClient, people: Session) -> None:
    answer = debate.get("/api/v1/choices?typed=ana")
    assert answer.json == {"choices": ["Ana Nováková (ana)", "Ana Nováková (ana-2)"]}
    assert debate.get("/api/v1/choices").json == {"choices": []}
    assert debate.get("/api/v1/choices?typed=%00%ff").status_code == 200


def test_an_editors_page_knows_those_of_its_debate_and_of_the_archive_nobody(
    debate: CheckedClient, people: Session, app: Flask
) -> None:
    name(debate, "SPEAKER_00", "Ana Nováková (ana-2)")
    with questions(app) as asked:
        page = debate.get("/debates/1").text
    assert 'value="Ana Nováková (ana-2)"' in page
    assert "Nobody Nr. 7" not in page
    assert "Eva Malá" not in page
    assert not [one for one in asked if "FROM person" in one and "WHERE" not in one]
