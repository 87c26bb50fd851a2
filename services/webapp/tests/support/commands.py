"""Commands to debate 1, as a page gives them."""

from clients import CheckedClient

COMMANDS = "/api/v1/transcripts/1/commands"


counter = iter(range(1_000_000))


def command(client: CheckedClient, name: str, segment: int, version: int, /, **arguments):
    body = {
        "command": name,
        "arguments": {"segment": segment} | arguments,
        "versions": {str(segment): version},
        "client_id": f"c{next(counter)}",
    }
    return client.send_json("POST", COMMANDS, body)


def undo(client: CheckedClient, segment: int, version: int, client_id: str = ""):
    body = {"command": "undo", "versions": {str(segment): version}}
    return client.send_json("POST", COMMANDS, body | {"client_id": client_id or f"u{version}"})


def redo(client: CheckedClient, segment: int, version: int, client_id: str = ""):
    body = {"command": "redo", "versions": {str(segment): version}}
    return client.send_json("POST", COMMANDS, body | {"client_id": client_id or f"r{version}"})


def rows(client: CheckedClient):
    return client.get("/api/v1/transcripts/1/segments").json["segments"]


def figures(client: CheckedClient):
    stats = client.get("/api/v1/transcripts/1/stats").json
    return {s["name"]: s for s in stats["speakers"]}


def give(client: CheckedClient, name: str, versions: dict[int, int], client_id="", **arguments):
    """A command about several rows; `versions` as they were seen, the first row's first."""
    body = {
        "command": name,
        "arguments": {"segment": next(iter(versions))} | arguments
        if name in ("split", "merge")
        else {},
        "versions": {str(segment): version for segment, version in versions.items()},
        "client_id": client_id or f"g{next(counter)}",
    }
    return client.send_json("POST", COMMANDS, body)


def split(client: CheckedClient, segment: int, version: int, **where):
    return give(client, "split", {segment: version}, **where)


def merge(client: CheckedClient, versions: dict[int, int], **more):
    return give(client, "merge", versions, other=list(versions)[1], **more)


def name(client: CheckedClient, label: str, person: str, version: int = 1, client_id: str = ""):
    path = f"/debates/1/speakers/{label}"
    return client.send(
        path, name=person, version=version, client_id=client_id or f"{label}-{version}"
    )
