"""The tables, each module a subject; who imports one knows all, as their foreign keys ask."""

from debate_webapp.database.models.accounts import (
    ApiToken,
    AuditEntry,
    FailedSignIn,
    OneTimeLink,
    RecoveryCode,
    SignedIn,
    User,
)
from debate_webapp.database.models.debates import (
    Artefact,
    Edit,
    Passage,
    Person,
    Segment,
    Speaker,
    Transcript,
    is_uncertain,
)
from debate_webapp.database.models.figures import (
    DebateFigures,
    PersonFigures,
)
from debate_webapp.database.models.submissions import (
    FailedJob,
    QueueLease,
    QueueRevision,
    Submission,
)
from debate_webapp.database.models.voices import VoiceVector

__all__ = [
    "ApiToken",
    "Artefact",
    "AuditEntry",
    "DebateFigures",
    "Edit",
    "FailedJob",
    "FailedSignIn",
    "OneTimeLink",
    "Passage",
    "Person",
    "PersonFigures",
    "QueueLease",
    "QueueRevision",
    "RecoveryCode",
    "Segment",
    "SignedIn",
    "Speaker",
    "Submission",
    "Transcript",
    "User",
    "VoiceVector",
    "is_uncertain",
]
