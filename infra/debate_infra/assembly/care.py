"""What looks after the stack: a dashboard, alarms."""

from debate_infra.assembly.ground import Ground
from debate_infra.assembly.site import Site
from debate_infra.assembly.work import Work
from debate_infra.components.operations.alarms import Alarms, AlarmsArgs
from debate_infra.components.operations.dashboard import Dashboard, DashboardArgs
from debate_infra.settings.stack import Settings


def watch(settings: Settings, ground: Ground, work: Work, site: Site | None) -> None:
    """Make the dashboard and, where an address is given, the alarms."""
    watched, queues = site.watched if site else None, work.queue_arns
    name, region, days = settings.name, settings.region, settings.log_retention_days
    shown = DashboardArgs(name, region, queues, work.jobs.log_group, days, watched)
    Dashboard("dashboard", shown, ground.on_aws)
    if settings.alarm_email:
        to, budget = settings.alarm_email, settings.monthly_budget
        asked = AlarmsArgs(name, to, queues, work.last_arns, budget, watched)
        Alarms("alarms", asked, ground.on_aws)
