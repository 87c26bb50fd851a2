"""The table of how voices sound: biometric data, which no page, file or answer ever has."""

from typing import Any

from sqlalchemy import Connection, ForeignKeyConstraint, LargeBinary, String, delete, event, exists
from sqlalchemy.orm import Mapped, mapped_column

from debate_webapp.database.base import Base
from debate_webapp.database.models.debates import Person, Speaker


class VoiceVector(Base):
    """A label's voice as the diarizer measured it, from `seconds` of speech.

    `vector` is of unit length, 32-bit floats, little-endian. Vectors of different models must not
    be compared; `model` has its version too.
    """

    __tablename__ = "voice_vector"
    __table_args__ = (
        ForeignKeyConstraint(
            ["transcript_id", "label"], ["speaker.transcript_id", "speaker.label"]
        ),
    )

    transcript_id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(64), primary_key=True)
    model: Mapped[str] = mapped_column(String(200))
    seconds: Mapped[float]
    vector: Mapped[bytes] = mapped_column(LargeBinary)


@event.listens_for(Speaker, "after_update")
def _forget(_mapper: Any, connection: Connection, speaker: Speaker) -> None:
    """What is found to be the voice of somebody who is not to be known again goes."""
    refused = exists().where(Person.id == speaker.person_id, ~Person.known_again)
    place = (VoiceVector.transcript_id == speaker.transcript_id) & (
        VoiceVector.label == speaker.label
    )
    connection.execute(delete(VoiceVector).where(place, refused))
