"""Any recording to what the engines take: all its sound as one, or every channel on its own."""

from debate_transcriber.audio.decoding import decode, decode_voices, duration_of, ffmpeg, fit
from debate_transcriber.audio.mixing import silence_bleed

__all__ = ["decode", "decode_voices", "duration_of", "ffmpeg", "fit", "silence_bleed"]
