"""The recording of a debate whose transcript came without one, by its address in the store."""

from pathlib import PurePosixPath

from debate_contract import storage
from debate_contract.errors import BadInput, UsageFault
from sqlalchemy.orm import Session

from debate_webapp.database.models import Transcript
from debate_webapp.editing.edits import change_standing
from debate_webapp.editing.log import Author, record
from debate_webapp.incoming.imports import MEDIA_SUFFIXES, is_media
from debate_webapp.incoming.storage import Store

_SOUND = (".m4a", ".mp3", ".ogg", ".wav")


def give_recording(
    session: Session, store: Store, transcript: Transcript, uri: str, author: Author
) -> None:
    """Have a debate play the file that somebody names, and commit.

    Raises OutsideStore, InputNotFound, or BadInput for what no browser plays.
    """
    key = _find(store, uri)

    def change() -> None:
        before = transcript.media_key
        if before != key:
            transcript.media_key = key
            transcript.has_picture = not key.lower().endswith(_SOUND)
            record(session, transcript, "give_recording", {"key": key}, {"key": before}, author)

    change_standing(session, transcript, change, author)


def _find(store: Store, uri: str) -> str:
    """Hidden files are no recordings (yet)."""
    key = store.key_of(uri)
    parts = PurePosixPath(key).parts
    if not is_media(parts[-1]) or any(part.startswith(".") for part in parts):
        raise BadInput(f"{uri} is no recording; its name ends in {', '.join(MEDIA_SUFFIXES)}")
    try:
        storage.read(store.place(key), most=1)
    except UsageFault as error:  # a folder, or not to be read
        raise BadInput(str(error)) from error
    return key
