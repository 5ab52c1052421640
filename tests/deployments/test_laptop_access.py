"""The Prefect server of a stack answers nobody without the auth string, and no web page but its own."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from prefect.context import SettingsContext, get_settings_context
from prefect.settings import Settings

from deployments.laptop.services import server_environment

OWN, FOREIGN = "http://127.0.0.1:4242", "https://elsewhere.example"
START = "/api/deployments/0a1b2c3d-0000-0000-0000-000000000000/create_flow_run"


class Server:
    """The application with the settings of a stack; it has no database, so that only what is refused before can be asked."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self._app), base_url=OWN) as client:
                return await client.request(method, path, **options)

        return asyncio.run(send())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    from prefect.server.api.server import create_app  # seconds, for the tests that need it

    with pytest.MonkeyPatch.context() as patch:
        for name, value in server_environment(4242, "pedigree:secret").items():
            patch.setenv(name, value)
        settings = Settings()
    with SettingsContext(profile=get_settings_context().profile, settings=settings):
        yield Server(create_app(settings, ephemeral=True, ignore_cache=True))


def preflight(server: Server, origin: str) -> httpx.Response:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    return server.ask("OPTIONS", START, headers={"Origin": origin, **asked})


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/api/deployments/name/operationalize/local", "/api/admin/version", "/api/csrf-token?client=me"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic cGVkaWdyZWU6d3Jvbmc="}, {"Authorization": "Bearer pedigree:secret"}])
def test_nobody_reads_without_the_auth_string(server: Server, path: str, headers: dict[str, str]) -> None:
    assert server.ask("GET", path, headers=headers).status_code == 401


@pytest.mark.slow
def test_only_health_is_for_everybody(server: Server) -> None:
    assert server.ask("GET", "/api/health").json() is True


@pytest.mark.slow
def test_a_page_of_another_origin_may_not_ask(server: Server) -> None:
    refused, allowed = preflight(server, FOREIGN), preflight(server, OWN)
    assert (refused.status_code, refused.headers.get("Access-Control-Allow-Origin")) == (400, None)
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (200, OWN)


@pytest.mark.slow
@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "application/x-www-form-urlencoded"])
def test_a_page_that_sends_a_post_without_asking_starts_no_run(server: Server, content_type: str) -> None:
    refused = server.ask("POST", START, content="{}", headers={"Origin": FOREIGN, "Content-Type": content_type})
    assert (refused.status_code, refused.json()["detail"]) == (403, "Missing CSRF token.")
    assert "Access-Control-Allow-Origin" not in refused.headers
