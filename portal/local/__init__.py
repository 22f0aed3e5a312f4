"""A private PostgreSQL and a private Valkey under `var/`, so that nothing need be installed to work on the registry.

`python -m portal.local help` lists the commands. Needs no root, no Docker and no Django settings.
"""
