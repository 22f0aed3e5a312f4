from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class InstallTriggers(Operation):
    """Install the triggers that the models of this migration were created with.

    One operation for all of them: after each operation of its own Django would build every related model anew, and
    hundreds of triggers make `migrate` slow.
    """

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The state has them: they stand in the options of the models."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for trigger in self.triggers(app_label, to_state):
            schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """They go with their tables."""

    def triggers(self, app_label: str, state: ProjectState) -> list[Any]:
        return [
            trigger
            for (label, _name), model in state.models.items()
            if label == app_label
            for trigger in model.options.get("triggers", [])
        ]

    def describe(self) -> str:
        return "Install the triggers of the models created here"
