"""What the application role may do in the database: work with rows, own nothing, never rewrite history."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections

APPEND_ONLY = ("audit_event", "licensing_certificate")
"""Tables the application role may read and add to, and nothing else; row-history tables are added to them."""


HEED_NO_SETTING = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN
LANGUAGE sql IMMUTABLE AS 'SELECT false'
"""
"""Row history and frozen rows rest on triggers that ask this function whether a session setting switches them off."""


def append_only_tables() -> list[str]:
    history = [m._meta.db_table for m in apps.get_models() if hasattr(m, "pgh_tracked_model")]
    return sorted({*APPEND_ONLY, *history})


def grant_to_application_role(*, using: str, **_: Any) -> None:
    """Give the application role its rights on all tables that now exist. Safe to repeat; runs after each migrate."""
    connection = connections[using]
    quote = connection.ops.quote_name
    role = quote(settings.APPLICATION_ROLE)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        for table in append_only_tables():
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {quote(table)} FROM {role}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")
        cursor.execute(HEED_NO_SETTING)
