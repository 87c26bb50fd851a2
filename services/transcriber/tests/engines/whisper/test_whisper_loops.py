import pytest
from debate_transcriber.engines.speech import Word
from debate_transcriber.engines.whisper.input.chunks import Chunk
from debate_transcriber.engines.whisper.words.loops import (
    break_loop,
    drop_echoes,
    longest_repetition,
)
from whisper.timing import WordTiming

THANKS = "Thank you for watching."


def aligned(text: str) -> list[WordTiming]:
    return [WordTiming(f" {w}", [i], i, i + 1, 0.9) for i, w in enumerate(text.split())]


def text_of(words: list[WordTiming]) -> str:
    return "".join(word.word for word in words).strip()


def test_of_a_loop_inside_a_chunk_one_round_is_kept() -> None:
    text = "We will vote. " + "I think that is right, " * 20 + "and so we did."
    kept = break_loop(aligned(text))
    assert text_of(kept) == "We will vote. I think that is right, and so we did."
    assert kept[-1].end == len(text.split())


@pytest.mark.parametrize("text", ["No, no, no, no!", "The ayes have it, the ayes have it.", ""])
def test_what_people_repeat_stays(text: str) -> None:
    assert text_of(break_loop(aligned(text))) == text


@pytest.mark.parametrize(
    ("items", "found"), [("abcbcbcd", (3, 7)), ("aaaa", (1, 4)), ("abc", (0, 0)), ("", (0, 0))]
)
def test_the_longest_repetition_is_found(items: str, found: tuple[int, int]) -> None:
    assert longest_repetition(items) == found


def chunk_and_words(start: float, seconds: float, text: str) -> tuple[Chunk, list[Word]]:
    words = [Word(w, start + i, start + i + 1, 0.95) for i, w in enumerate(text.split())]
    return Chunk(start, start + seconds, seconds), words


def texts(*pairs: tuple[Chunk, list[Word]]) -> str:
    chunks, words = zip(*pairs, strict=True)
    return " ".join(word.text for word in drop_echoes(chunks, words))


def test_the_same_sentence_over_several_long_chunks_is_dropped() -> None:
    opening = chunk_and_words(0, 10, "Good evening and welcome to the debate.")
    music = [chunk_and_words(30 * i, 25, THANKS) for i in range(1, 4)]
    closing = chunk_and_words(130, 5, "Good night to all of you.")
    assert texts(opening, *music, closing) == (
        "Good evening and welcome to the debate. Good night to all of you."
    )


def test_a_roll_call_and_a_thanks_stay() -> None:
    present = [chunk_and_words(5 * i, 1.0, "Present.") for i in range(5)]
    thanks = [chunk_and_words(100 + 30 * i, 20, THANKS) for i in range(2)]
    assert texts(*present) == " ".join(["Present."] * 5)
    assert texts(*thanks) == f"{THANKS} {THANKS}"
