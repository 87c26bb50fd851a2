from itertools import pairwise

from debate_transcriber import voice_activity
from debate_transcriber.engines.embedded.recogniser import SphinxRecogniser
from debate_transcriber.speech import Hints, Waveform
from speaking import ignore_progress


def test_kept_chunks_are_not_recognised_again_and_the_rest_is_the_same(debate: Waveform) -> None:
    speech = voice_activity.find_speech(debate, ignore_progress)
    recogniser, kept = SphinxRecogniser(processes=2), {}
    undisturbed = recogniser.recognise(debate, speech, Hints(), ignore_progress, kept)
    assert len(kept) > 2
    assert all(a.start <= b.start for a, b in pairwise(undisturbed.words))

    first, *others = sorted(kept)
    some = {first: kept[first]}
    seen: list[tuple[float, float]] = []
    again = recogniser.recognise(debate, speech, Hints(), lambda *done: seen.append(done), some)
    assert again == undisturbed
    assert some == kept
    assert len(seen) == len(others)
    assert seen[-1][0] == seen[-1][1]
