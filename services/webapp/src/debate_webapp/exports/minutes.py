"""Plain text that reads like minutes."""

from collections.abc import Iterable

from debate_webapp.exports.document import Head, Line, clock, compute_turns


def write_txt(head: Head, lines: Iterable[Line]) -> bytes:
    """Title, how far the text can be trusted, where it comes from; a paragraph per turn."""
    facts = "\n".join(f"{name}: {value}" for name, value in head.facts())
    blocks = [f"{head.title}\n{head.describe_quality()}", facts]
    blocks += [f"{turn.name} [{clock(turn.start)}]\n{turn.text}" for turn in compute_turns(lines)]
    return ("\n\n".join(blocks) + "\n").encode()
