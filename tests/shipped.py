"""The portal as it is shipped: served by its own WSGI application, static files collected and compressed."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import override_settings

HEAVY = ("admin/*", "drf_spectacular_sidecar/*", "rest_framework/*")
"""Nothing of these is on the pages that are weighed, and they take long to compress."""


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing of requests."""


class Server(ThreadedWSGIServer):
    daemon_threads = True

    def process_request_thread(self, request: object, client_address: object) -> None:
        super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        connections.close_all()


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The settings under which the static files were collected and compressed."""
    compressed = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    changed = {
        "STATIC_ROOT": tmp_path_factory.mktemp("static"),
        "STORAGES": settings.STORAGES | {"staticfiles": compressed},
    }
    with override_settings(**changed):
        call_command("collectstatic", interactive=False, ignore_patterns=[*HEAVY], verbosity=0)
    return changed


@pytest.fixture
def shipped(collected: dict[str, Any], transactional_db: None) -> Iterator[str]:
    """Where it answers."""
    with override_settings(**collected):
        yield from served()


def served() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Quiet)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
