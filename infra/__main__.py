"""Debate Analyzer on AWS.

video URL ─▶ CPU queue ─▶ GPU queue ─▶ CPU queue ─▶ bucket ─▶ web application
             download     transcribe    stats
             └──────────── pipeline ─────────┘  (or all three as one job on a GPU machine)
"""

import pulumi
from debate_infra.assembly import care, ground, outputs, site, tables, work
from debate_infra.settings import stack

settings = stack.load()
for warning in settings.warnings:
    pulumi.log.warn(warning)

base = ground.lay(settings)
github = ground.let_github_in(settings, base)
jobs = work.set_up(settings, base)
web = site.open_site(settings, base, jobs)
dataset = tables.lay_out(settings, base, jobs, web)
care.watch(settings, base, jobs, web)

for name, value in outputs.describe(settings, base, jobs, github, web, dataset).items():
    pulumi.export(name, value)
