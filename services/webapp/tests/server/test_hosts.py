"""The names under which the site answers."""

import io

import docx
import pytest
from clients import CheckedClient
from debate_contract.errors import UsageFault
from debate_webapp import create_app
from debate_webapp.settings import Settings


@pytest.fixture
def settings(root) -> Settings:
    hosts = "debates.example, .debates.example,[::1]"
    env = {"STORAGE_ROOT": str(root), "SECRET_KEY": "k" * 32, "ALLOWED_HOSTS": hosts}
    return Settings.from_env(env)


@pytest.mark.parametrize(
    "host", ["debates.example", "DEBATES.example:8443", "www.debates.example", "[::1]:8000"]
)
def test_its_own_names_are_answered_at_any_port(client: CheckedClient, host: str) -> None:
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil-debates.example",
        "debates.example.evil.example",
        "debates.example@evil.example",
        "[::2]",
        "127.0.0.1:8000",
        "debates.example:x",
        "a b",
    ],
)
def test_other_names_are_refused_and_not_repeated(client: CheckedClient, host: str) -> None:
    for path in ("/", "/api/v1/transcripts", "/static/css/base.css", "/no-such-page"):
        reply = client.get(path, headers={"Host": host})
        assert reply.status_code == 400
        assert "evil" not in reply.text


def test_a_load_balancer_asks_for_health_under_an_address(client: CheckedClient) -> None:
    for path in ("/livez", "/healthz"):
        assert client.get(path, headers={"Host": "10.0.3.17:8000"}).status_code == 200


def test_what_a_visitor_says_behind_a_proxy_is_not_the_sites_name(root) -> None:
    """Load balancers pass on any X-Forwarded-Host that is sent to them."""
    behind = {"STORAGE_ROOT": str(root), "SECRET_KEY": "k" * 32, "TRUSTED_PROXIES": "1"}
    app = create_app(Settings.from_env(behind | {"ALLOWED_HOSTS": "debates.example"}))
    told = {"Host": "debates.example", "X-Forwarded-Host": "evil.example"}
    assert app.test_client().get("/sign-in", headers=told).status_code == 200
    app.extensions["debate_sessions"].kw["bind"].dispose()


def test_without_names_of_its_own_the_site_makes_no_links_to_itself(root, make_job, db) -> None:
    settings = Settings.from_env({"STORAGE_ROOT": str(root), "SECRET_KEY": "k" * 32})
    app = create_app(settings)
    app.test_client_class = CheckedClient
    editor = app.test_client()
    editor.send("/sign-in", username="editor", password="correct horse battery")
    editor.send("/debates", uri=str(make_job()))
    editor.send("/debates/1/publication/on", client_id="p")

    def export(extension: str):
        path = f"/api/v1/transcripts/1/export.{extension}"
        return editor.get(path, headers={"Host": "evil.example"})

    document = docx.Document(io.BytesIO(export("docx").data))
    relations = [relation.target_ref for relation in document.part.rels.values()]
    assert not [target for target in relations if "/debates/1" in target]
    assert "[00:00:00]" in "\n".join(p.text for p in document.paragraphs)
    assert export("json").json["edited"]["page"] is None
    assert all("evil.example" not in export(one).text for one in ("txt", "vtt", "srt", "csv"))


@pytest.mark.parametrize(
    "text", ["https://debates.example", "debates.example:443", "*", "a b", "::1"]
)
def test_what_is_no_name_of_a_host_is_refused(tmp_path, text: str) -> None:
    with pytest.raises(UsageFault, match="ALLOWED_HOSTS"):
        Settings.from_env({"STORAGE_ROOT": str(tmp_path), "ALLOWED_HOSTS": text})
