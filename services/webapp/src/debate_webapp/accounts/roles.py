"""Who may do what: the one table. Each route says what it needs of it (`site.auth.guard`)."""

from enum import StrEnum


class Permission(StrEnum):
    """What can be allowed: to a role, and of that to a token."""

    READ = "read"
    EDIT = "edit"
    SUBMIT = "submit"
    PUBLISH = "publish"
    ADMINISTER = "administer"


class Role(StrEnum):
    """What somebody is on this site; each may what the one before may."""

    READER = "reader"
    EDITOR = "editor"
    PUBLISHER = "publisher"
    ADMINISTRATOR = "administrator"


# In words, as pages say them.
MEANING = {
    Permission.READ: "see what is not published",
    Permission.EDIT: "correct transcripts and name voices",
    Permission.SUBMIT: "bring in new debates",
    Permission.PUBLISH: "publish debates and take them back",
    Permission.ADMINISTER: "manage accounts and see the audit",
}

# What a token may be for. None is for accounts: who finds one must not make themselves another.
SCOPES = tuple(one for one in Permission if one is not Permission.ADMINISTER)

_MAY = {
    Role.READER: {Permission.READ},
    Role.EDITOR: {Permission.READ, Permission.EDIT, Permission.SUBMIT},
    Role.PUBLISHER: {
        Permission.READ, Permission.EDIT, Permission.SUBMIT, Permission.PUBLISH,
    },
    Role.ADMINISTRATOR: set(Permission),
}  # fmt: skip


def permissions_of(role: str) -> frozenset[Permission]:
    """All that a role may do; a role that this version does not know may do nothing."""
    return frozenset(_MAY[Role(role)]) if role in set(Role) else frozenset()


def describe_role(role: Role) -> str:
    """What a role may do, as a sentence without its subject."""
    return ", ".join(MEANING[one] for one in Permission if one in _MAY[role])
