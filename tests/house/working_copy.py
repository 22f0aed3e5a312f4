"""Copies of the house in a folder of their own, to start and stop what runs for them."""

import os
import signal
import subprocess
import time
from pathlib import Path

import environ
import psutil
import psycopg2

HOUSE = Path(__file__).parents[2]
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "HTTPS", "DEMONSTRATION", "MAKELEVEL")


class WorkingCopy:
    def __init__(self, folder, python):
        self.folder = folder
        self.python = python
        self.environment = {name: value for name, value in os.environ.items() if name not in OURS}

    def start(self, *arguments, **more):
        return subprocess.Popen(
            [self.python, "-m", "portal.local", *arguments],
            cwd=self.folder,
            env=self.environment | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def call(self, *arguments, **more):
        process = self.start(*arguments, **more)
        said, complained = process.communicate(timeout=120)
        return process.returncode, said, complained

    def setting(self, name):
        lines = (self.folder / "var" / "local.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)[name]

    def place(self):
        return environ.Env.db_url_config(self.setting("DATABASE_URL"))

    def database(self):
        place = self.place()
        return psycopg2.connect(host=place["HOST"], port=place["PORT"], user=place["USER"], dbname=place["NAME"])

    def processes(self):
        """Everything that runs for this copy, found by the folder it works in or was told of."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() != psutil.STATUS_ZOMBIE and (
                    str(self.folder) in " ".join(process.cmdline()) or process.cwd() == str(self.folder)
                ):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def wait_until_empty(self):
        deadline = time.monotonic() + 60
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.1)
        return self.processes() == []


def ctrl_c(process):
    os.killpg(process.pid, signal.SIGINT)
