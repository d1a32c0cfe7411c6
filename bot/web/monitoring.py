"""`/healthz` and `/metrics`, on a port of their own: the pages of receipts may be open to everybody."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.web.connections import listen
from bot.web.server import run_in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from bot.monitoring.monitor import Monitor
    from bot.settings import Settings


@contextmanager
def monitoring(settings: Settings, monitor: Monitor) -> Iterator[str | None]:
    """Serve what a monitor knows while the context lasts, which gives the address; None where no port is set.

    Raises:
        SettingsError: the server cannot listen there.
    """
    if settings.metrics_port is None:
        yield None
        return
    remedy = "Set QUOTH_METRICS_LISTEN and QUOTH_METRICS_PORT to what is free on this machine."
    with (
        closing(listen(settings.metrics_listen, settings.metrics_port, remedy)) as listener,
        run_in_thread(monitoring_app(monitor), listener, "monitoring", "The server of the metrics") as address,
    ):
        yield address


def monitoring_app(monitor: Monitor) -> Starlette:
    """Make the application. Both answers come from memory alone, so that asking often costs nothing."""

    async def health(_: Request) -> Response:
        health = monitor.health
        last_sync = health.last_sync and health.last_sync.isoformat(timespec="seconds")
        status = HTTPStatus.OK if health.is_well else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse(asdict(health) | {"last_sync": last_sync}, status)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(monitor.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = Starlette(routes=[Route("/healthz", health), Route("/metrics", metrics)])
    app.router.redirect_slashes = False
    return app
