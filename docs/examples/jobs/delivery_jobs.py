"""A host whose workers of procrastinate deliver: its settings say `relay = false`.

procrastinate --app=delivery_jobs.app schema --apply
procrastinate --app=delivery_jobs.app worker --queues=monespace --delete-jobs=successful
"""

from __future__ import annotations

import os
from pathlib import Path

from procrastinate import App, PsycopgConnector
from sqlalchemy import make_url

from monespace_backends import from_settings, ports_from_settings, read_settings
from monespace_backends.jobs import DeliveryJobs
from monespace_flows import Flows

settings = read_settings(Path(os.environ["MONESPACE_CONFIG"]))
ports = ports_from_settings(settings)
address = make_url(settings.database.url).set(drivername="postgresql")
app = App(
    connector=PsycopgConnector(conninfo=address.render_as_string(hide_password=False), min_size=1)
)
jobs = DeliveryJobs.of(app, settings, ports)


def make_flows() -> Flows:
    """Make the journeys of a process that serves; its steps tell the workers."""
    app.open()
    return from_settings(settings, ports=ports, wake=jobs.wake)
