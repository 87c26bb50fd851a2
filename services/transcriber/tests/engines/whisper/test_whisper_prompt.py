import pytest
from debate_transcriber.engines.speech import Hints
from debate_transcriber.engines.whisper.decoding.prompt import compose_prompt, describe_losses
from whisper.model import Whisper
from whisper.tokenizer import get_tokenizer

NAMES = tuple(f"Ursula Przybyszewska {number}" for number in range(100))


def text(tokens: list[int]) -> str:
    return get_tokenizer(True).decode(tokens)


def test_prompt_and_vocabulary_are_put_before_the_text(model: Whisper) -> None:
    prompt = compose_prompt(model, Hints("en", "A town council.", ("Guy Ska", "Żabka")))
    assert text(prompt.tokens) == " A town council. Guy Ska, Żabka,"
    assert describe_losses(prompt) is None


def test_without_hints_there_is_no_prompt(model: Whisper) -> None:
    prompt = compose_prompt(model, Hints())
    assert prompt.tokens == []
    assert describe_losses(prompt) is None


@pytest.mark.parametrize("opening", [None, "A town council.", "blah " * 300])
def test_the_first_names_are_taken_for_as_long_as_there_is_room_and_the_rest_is_said(
    model: Whisper, opening: str | None
) -> None:
    prompt = compose_prompt(model, Hints("en", opening, NAMES))
    assert len(prompt.tokens) <= 223
    taken = len(NAMES) - len(prompt.left_out)
    assert prompt.left_out == NAMES[taken:]
    assert all(name in text(prompt.tokens) for name in NAMES[:taken])
    assert f"{len(prompt.left_out)} of the vocabulary, from '{NAMES[taken]}' on" in (
        describe_losses(prompt) or ""
    )


def test_of_a_prompt_that_is_too_long_the_end_is_kept_and_that_is_said(model: Whisper) -> None:
    prompt = compose_prompt(model, Hints("en", "blah " * 300 + "the end"))
    assert len(prompt.tokens) == 223
    assert text(prompt.tokens).endswith("blah the end")
    assert "beginning of INITIAL_PROMPT" in (describe_losses(prompt) or "")
