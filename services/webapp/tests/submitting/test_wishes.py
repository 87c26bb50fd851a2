"""What is typed: addresses, and what is wished for."""

import pytest
from debate_contract.errors import BadInput
from debate_webapp.submitting.wishes import read_addresses, read_wishes
from newsrooms import Newsroom


def test_a_scheme_is_the_same_in_capitals(newsroom: Newsroom) -> None:
    assert read_addresses("HTTPS://x.example/Talk\nhttps://x.example/Talk") == [
        "https://x.example/Talk"
    ]


@pytest.mark.parametrize("line", ["https://x.example:99999/", "https://x.example:port/"])
def test_a_port_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(BadInput, match="is no address"):
        read_addresses(line)


def test_names_of_every_script_are_kept_whole() -> None:
    names = "نمی\u200cشود, हिन्दी\u200d, O\u2019Neill\0"

    assert read_wishes({"names": names}).names.splitlines() == [
        "نمی\u200cشود",
        "हिन्दी\u200d",
        "O\u2019Neill",
    ]


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "type the address"),
        ("/etc/passwd", "no address of a recording"),
        ("file:///etc/passwd", "no address of a recording"),
        ("s3://debates/jobs", "no address of a recording"),
        ("--force", "no address of a recording"),
        ("https://", "no address of a recording"),
        ("https://[::1", "no address of a recording"),
        ("https://x.example/a b", "no address of a recording"),
        ("https://me:secret@x.example/a", "leave name and password out"),
        ("https://x.example/" + "a" * 2000, "more than 2000 characters"),
        ("\n".join(f"https://x.example/{n}" for n in range(51)), "51 addresses; send 50"),
    ],
)
def test_what_is_no_address_is_refused(typed: str, problem: str) -> None:
    with pytest.raises(BadInput, match=problem) as refused:
        read_addresses(typed)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "typed",
    [
        "ftp://me:hunter2@x.example/a.mp4",
        "https:me:hunter2@x.example",
        "me:hunter2@x.example/a.mp4",
        "https://me:hunter2@[x.example",
        "https://me:hunter2\uff20x.example",
        "https://me:hunter2@x.example",
        "https://me:hunter2@x.example:99999/",
    ],
)
def test_a_password_is_not_repeated_in_the_reason(typed: str) -> None:
    """Reasons stand in the site's log."""
    with pytest.raises(BadInput) as refused:
        read_addresses(typed)

    assert "hunter2" not in str(refused.value)


def test_lines_are_addresses_each_once() -> None:
    assert read_addresses(
        "https://a.example/1\r\n\n https://a.example/2 \nhttps://a.example/1"
    ) == [
        "https://a.example/1",
        "https://a.example/2",
    ]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"speakers": "0"}, "1 to 50"),
        ({"speakers": "many"}, "1 to 50"),
        ({"language": "English, please"}, "a code such as en"),
        ({"model": "../../weights"}, "a name such as turbo"),
        ({"model": "--force"}, "a name such as turbo"),
        ({"names": "x" * 20_001}, "more than 20000 characters"),
    ],
)
def test_what_cannot_be_wished_for_is_refused(given: dict[str, str], problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        read_wishes(given)
