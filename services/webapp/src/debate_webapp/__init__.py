"""Debates in a browser: the recording beside its transcript, and the names of its speakers."""

from importlib.metadata import version

from flask import Flask

from debate_webapp.database.engine import init_database
from debate_webapp.incoming.found import Found
from debate_webapp.incoming.jobs.sentences import Sentences
from debate_webapp.incoming.storage import Store, open_store
from debate_webapp.settings import Settings
from debate_webapp.site import api, events, health, pages
from debate_webapp.site.accounts import audit, own, people, second_factor, tokens
from debate_webapp.site.api.downloads import init_downloads
from debate_webapp.site.auth import current, house, links, second_step
from debate_webapp.site.auth import views as auth_views
from debate_webapp.site.auth.guard import init_guard
from debate_webapp.site.caching import init_caching
from debate_webapp.site.debates import known as known_views
from debate_webapp.site.debates import versions as version_views
from debate_webapp.site.debates import views as debate_views
from debate_webapp.site.debates.known import init_known_voices
from debate_webapp.site.filters import init_filters
from debate_webapp.site.profiles import api as profile_api
from debate_webapp.site.profiles import views as profile_views
from debate_webapp.site.routing import init_routing
from debate_webapp.site.rows import init_rows
from debate_webapp.site.search import answers as search_answers
from debate_webapp.site.search import views as search_views
from debate_webapp.site.security import check_hosts, init_security, trust_proxies
from debate_webapp.site.submissions import api as submission_api
from debate_webapp.site.submissions import upload_api
from debate_webapp.site.submissions import views as submission_views
from debate_webapp.site.submissions.current import init_submissions

__version__ = version("debate-webapp")


_VIEWS = (
    auth_views, second_step, house, links, own, second_factor, tokens, people, audit,
    debate_views, version_views, known_views, profile_views, profile_api, search_views,
    search_answers, submission_views, submission_api, upload_api, api, events, health,
)  # fmt: skip


def create_app(settings: Settings) -> Flask:
    """The application; migrations are the caller's business (`debate-webapp migrate`)."""
    app = Flask(__name__, static_folder=None, template_folder="site/templates")
    store = open_store(settings.storage_root)
    _configure(app, settings, store)
    init_routing(app)
    init_database(app, settings.database_url)
    init_submissions(app, settings)
    init_caching(app)
    init_security(app, store)
    check_hosts(app, settings.allowed_hosts)
    init_filters(app)
    init_rows(app)
    init_downloads(app)
    init_known_voices(app, settings)
    app.context_processor(current.shown_on_pages)
    pages.init_error_pages(app)
    for views in _VIEWS:
        app.register_blueprint(views.blueprint)
    house.init_house(app, settings.directory)
    init_guard(app)
    trust_proxies(app, settings.trusted_proxies)
    return app


def _configure(app: Flask, settings: Settings, store: Store) -> None:
    app.secret_key = settings.secret_key
    app.config["KNOWS_ITS_NAME"] = bool(settings.allowed_hosts)
    app.config["EVENT_KEY"] = settings.event_key
    app.extensions["debate_store"] = store
    app.extensions["debate_found"] = Found(store)
    app.extensions["debate_sentences"] = Sentences(settings.job_log_group)
