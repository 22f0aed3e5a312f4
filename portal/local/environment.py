"""`var/local.env`: what the settings need to find the local services. Variables set in the shell win over it."""

import os
import secrets

from portal.local.places import ENV_FILE, VAR, private_folder

STANDING = {
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "HTTPS": "False",
    "DEMONSTRATION": "True",
    "PAYEE_ACCOUNT": "moh_fees@devb",
    "EMAIL_URL": f"filemail:///{VAR / 'mail'}",
}


def read() -> dict[str, str]:
    if not ENV_FILE.exists():
        return {}
    return dict(line.split("=", 1) for line in ENV_FILE.read_text().splitlines() if "=" in line)


def write(found: dict[str, str]) -> None:
    """Write the file anew with the services that were found; the secret key is made once and kept."""
    private_folder(VAR)
    before = read()
    values = STANDING | {"SECRET_KEY": secrets.token_urlsafe(50)} | before | found
    if values == before:
        return
    new = ENV_FILE.with_suffix(f".{os.getpid()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    new.replace(ENV_FILE)
