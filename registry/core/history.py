from collections.abc import Callable, Sequence
from typing import TypeVar

import pghistory
from django.db import models

Model = TypeVar("Model", bound=models.Model)


def keep_history(*, exclude: Sequence[str] = ()) -> Callable[[type[Model]], type[Model]]:
    """Copy every inserted, changed and deleted row to a history table, by database triggers, whoever writes.

    `exclude` names columns that follow from others. One statement costs one trigger call, however many its rows.
    """
    # New trackers for each model: the library's setting copies them, and the copies no longer know their operation.
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=list(exclude),
        level=pghistory.Statement,
    )
