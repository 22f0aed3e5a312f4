"""There may be no Docker at hand, so the files for it are read and linted."""

import re
import subprocess
import sys
from pathlib import Path

import environ
import pytest
import yaml

HOUSE = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((HOUSE / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
ONE_SHOT = {"migrate"}
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|URL$")
MAY_BE_EMPTY = ("SMS_GATEWAY_URL", "SMS_GATEWAY_TOKEN", "TELEGRAM_BOT_TOKEN")
"""Channels that are off; still, their variables have to be there."""
IN_THE_ENVIRONMENT = re.compile(r"\$\{(\w+)")


def flags_of(command):
    return " ".join(command) if isinstance(command, list) else command


def test_the_registry_is_made_of_these_services():
    assert set(SERVICES) == {"db", "redis", "migrate", "web", "worker", "beat"}
    assert SERVICES["db"]["image"].startswith("postgres:17")
    assert SERVICES["redis"]["image"].startswith("redis:7")


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONE_SHOT - {"web"}))
def test_a_service_has_a_health_check(name):
    assert SERVICES[name]["healthcheck"]["test"]


def test_the_web_server_has_the_health_check_of_the_image():
    assert "healthcheck" not in SERVICES["web"]
    assert "/healthz" in (HOUSE / "Dockerfile").read_text().partition("HEALTHCHECK")[2]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_runs_as_an_ordinary_user_without_privileges(name):
    service = SERVICES[name]
    assert service["user"] not in ("root", "0", 0, "")
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_secret_comes_from_the_environment_and_has_no_default(name):
    for variable, value in SERVICES[name]["environment"].items():
        if not SECRET.search(variable):
            continue
        asked_for = IN_THE_ENVIRONMENT.findall(value)
        assert asked_for, f"{variable} is written down"
        assert ":-" not in value
        sign = "?" if variable in MAY_BE_EMPTY else ":?"
        assert value.count(sign) == len(asked_for), f"{variable} may be missing without a word"


def test_every_variable_that_compose_asks_for_is_explained():
    asked_for = set(IN_THE_ENVIRONMENT.findall((HOUSE / "docker-compose.yml").read_text()))
    explained = set(re.findall(r"^(\w+)=", (HOUSE / ".env.example").read_text(), re.MULTILINE))
    assert asked_for == explained


def test_nothing_but_the_web_server_can_be_reached_and_that_only_through_a_proxy():
    assert {name for name, service in SERVICES.items() if service.get("ports")} == {"web"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["web"]["ports"])


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_the_registry_starts_after_the_migrations(name):
    assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_schema_is_changed_by_the_owner():
    assert "migrate --database owner" in flags_of(SERVICES["migrate"]["command"])


def test_the_settings_understand_the_database_url():
    url = SERVICES["web"]["environment"]["DATABASE_URL"]
    place = environ.Env.db_url_config(re.sub(r"\$\{[^}]*\}", "secret-_1", url))
    assert place["USER"], place["PASSWORD"] == ("registry_owner", "secret-_1")
    assert (place["HOST"], place["PORT"], place["NAME"]) == ("db", 5432, "registry")


@pytest.mark.parametrize("script", sorted((HOUSE / "portal" / "initdb").glob("*.sh")), ids=lambda path: path.name)
def test_a_database_script_is_sound_shell(script):
    subprocess.run(["sh", "-n", script], check=True)


def test_the_dockerfile_is_sound():
    hadolint = Path(sys.executable).parent / "hadolint"
    found = subprocess.run([hadolint, "--no-color", HOUSE / "Dockerfile"], check=False, capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, "")


def test_the_image_takes_everything_the_project_is_made_of():
    ignored = (HOUSE / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", (HOUSE / "Dockerfile").read_text(), re.MULTILINE)
    for name in {name for line in copied for name in line.split()}:
        assert f"!{name}" in ignored
        assert (HOUSE / name).exists()
