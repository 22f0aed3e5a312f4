"""The private services, in a copy of the house under an awkward path."""

import shutil
import signal
import sys
from pathlib import Path

import environ
import pytest
import redis

from tests.house.working_copy import HOUSE, WorkingCopy, ctrl_c

SAY_WHERE = "print(open('var/local.env').read())"


def copy_of_the_local_services(folder):
    shutil.copytree(HOUSE / "portal", folder / "portal", ignore=shutil.ignore_patterns("__pycache__"))
    return WorkingCopy(folder, sys.executable)


@pytest.fixture
def copy(tmp_path):
    copy = copy_of_the_local_services(tmp_path / "A House with Spaces")
    yield copy
    copy.call("stop")
    assert copy.wait_until_empty()


def test_services_start_answer_keep_their_data_and_stop(copy):
    code, said, complained = copy.call("start")
    assert (code, complained) == (0, "")
    assert "postgres: runs" in said
    assert "valkey: runs" in said
    with copy.database() as connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE registry_application")
        cursor.execute("CREATE TEMPORARY TABLE names (name text)")
        cursor.execute("SELECT current_user, similarity('មន្ទីរពេទ្យ', 'មន្ទីរ') > 0.3, current_setting('listen_addresses')")
        assert cursor.fetchone() == ("registry_application", True, "")
        cursor.execute("RESET ROLE")
        cursor.execute("CREATE TABLE kept (fact text)")
    secret = copy.setting("SECRET_KEY")
    broker = redis.Redis.from_url(copy.setting("REDIS_URL"))
    broker.set("kept", "fact")
    broker.close()

    assert copy.call("stop")[1] == "postgres: does not run\nvalkey: does not run\n"
    assert copy.wait_until_empty()

    copy.call("start")
    with copy.database() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kept")
        assert cursor.fetchone() == (0,)
    assert copy.setting("SECRET_KEY") == secret
    broker = redis.Redis.from_url(copy.setting("REDIS_URL"))
    assert broker.get("kept") == b"fact"
    broker.close()


def test_the_file_with_the_secrets_is_ones_own(copy):
    copy.call("run", "true")
    assert (copy.folder / "var" / "local.env").stat().st_mode & 0o777 == 0o600
    assert (copy.folder / "var" / "valkey" / "valkey.conf").stat().st_mode & 0o777 == 0o600
    socket_folder = Path(environ.Env.db_url_config(copy.setting("DATABASE_URL"))["HOST"])
    assert socket_folder.stat().st_mode & 0o777 == 0o700


def test_the_broker_wants_its_password(copy):
    copy.call("start")
    stranger = redis.Redis.from_url(copy.setting("REDIS_URL").replace("redis://:", "redis://:x"))
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()
    stranger.close()


def test_a_command_that_ends_leaves_nothing_running_and_its_code_is_ours(copy):
    assert copy.call("run", sys.executable, "-c", f"{SAY_WHERE}; raise SystemExit(7)")[0] == 7
    assert copy.wait_until_empty()


def test_two_commands_at_once_share_the_services_and_the_last_one_stops_them(copy):
    short = copy.start("run", "sleep", "1")
    long = copy.start("run", "sh", "-c", f"sleep 4; '{sys.executable}' -c \"{SAY_WHERE}\"")
    assert short.wait(60) == 0
    with copy.database() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    said, complained = long.communicate(timeout=60)
    assert (long.returncode, complained) == (0, "")
    assert "DATABASE_URL" in said
    assert copy.wait_until_empty()


def test_ctrl_c_leaves_nothing_running(copy):
    process = copy.start("run", "sh", "-c", "echo running; exec sleep 600")
    assert process.stdout.readline() == "running\n"
    ctrl_c(process)
    process.communicate(timeout=60)
    assert copy.wait_until_empty()


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGKILL])
def test_a_command_whose_starter_is_ended_leaves_nothing_running(copy, with_signal):
    process = copy.start("run", "sh", "-c", "echo running; exec sleep 600")
    assert process.stdout.readline() == "running\n"
    process.send_signal(with_signal)
    process.communicate(timeout=60)
    assert copy.wait_until_empty()


def test_servers_named_in_the_environment_are_used_instead(copy, settings):
    place = settings.DATABASES["default"]
    url = f"postgres://{place['USER']}:{place['PASSWORD']}@:5432/{str(place['HOST']).replace('/', '%2F')}/postgres"
    named = {"DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL}
    code, _said, complained = copy.call("run", "true", **named)
    assert (code, complained) == (0, "")
    assert not (copy.folder / "var" / "postgres").exists()
    assert not (copy.folder / "var" / "valkey").exists()


def test_a_database_that_does_not_answer_is_told_in_a_sentence(copy):
    code, _said, complained = copy.call("run", "true", DATABASE_URL="postgres://x@127.0.0.1:9/x", REDIS_URL="redis://x")
    assert code == 1
    assert complained.startswith("The database of DATABASE_URL does not answer")
    assert "Traceback" not in complained


def test_throwing_the_data_away_waits_until_nobody_uses_it(copy):
    process = copy.start("run", "sh", "-c", "echo running; exec sleep 600")
    process.stdout.readline()
    assert "is in use" in copy.call("reset")[2]
    process.terminate()
    process.communicate(timeout=60)
    assert copy.call("reset")[0] == 0
    assert not (copy.folder / "var" / "postgres").exists()


@pytest.mark.parametrize("name", ["long " * 20 + "path", "one, two"])
def test_a_path_that_no_socket_can_have_has_it_elsewhere(tmp_path, name):
    copy = copy_of_the_local_services(tmp_path / name)
    assert copy.call("run", "true")[0] == 0
    host = Path(copy.place()["HOST"])
    assert tmp_path not in host.parents
    assert host.stat().st_mode & 0o777 == 0o700
    host.rmdir()
