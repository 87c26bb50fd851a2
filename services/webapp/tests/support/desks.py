"""An editor's desk with several versions of one debate."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from clients import CheckedClient
from debate_webapp.editing.corrections import write_corrections
from debate_webapp.incoming.local import LocalStore
from sqlalchemy.orm import Session

CORRECTED = "Should the town make its buses free?"


class Desk:
    """An editor, the versions of one debate, and what the site says of them."""

    def __init__(
        self, client: CheckedClient, db: Session, root: Path, make_job: Callable[..., Path]
    ) -> None:
        self.client, self.db, self.root, self.make_job, self.ids = client, db, root, make_job, 0

    def transcribe_again(self, **changes: Any) -> None:
        """What `FORCE=1 make submit` does: other bytes at the address, registered."""
        reply = self.client.send("/debates", uri=str(self.make_job(**{"language": "cs"} | changes)))
        assert reply.status_code == 200, reply.text

    def command(self, transcript: int, command: str, **arguments: Any) -> Any:
        rows = self.client.get(f"/api/v1/transcripts/{transcript}/segments").json["segments"]
        body = {
            "command": command,
            "arguments": arguments,
            "versions": {row["id"]: row["version"] for row in rows},
            "client_id": self.new_id(),
        }
        return self.client.send_json("POST", f"/api/v1/transcripts/{transcript}/commands", body)

    def correct(self) -> None:
        assert self.command(1, "edit_text", segment=1, text=CORRECTED).status_code == 200

    def count(self, transcript: int) -> Any:
        return self.client.send(f"/debates/{transcript}/count", client_id=self.new_id())

    def new_id(self) -> str:
        self.ids += 1
        return f"id-{self.ids}"

    def json(self, path: str) -> Any:
        return self.client.get(f"/api/v1/{path}").json

    def listed(self) -> list[int]:
        return [row["id"] for row in self.json("transcripts")["transcripts"]]

    def changes(self, transcript: int, since: int = 0) -> Any:
        return self.client.get(f"/api/v1/transcripts/{transcript}/changes?since={since}")

    def dataset(self) -> list[str]:
        """The corrected transcripts that the dataset is made of."""
        self.db.rollback()
        return sorted(write_corrections(self.db, LocalStore(str(self.root))).kept)
