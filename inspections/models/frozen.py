"""Triggers that keep a published rulebook as it was published, whoever writes to the tables."""

from collections.abc import Iterable

import pgtrigger

from inspections.states import VERSION_TRANSITIONS

REWRITTEN = """
    IF OLD.state <> 'draft' AND to_jsonb(NEW) - '{{{free}}}'::text[] <> to_jsonb(OLD) - '{{{free}}}'::text[] THEN
        RAISE EXCEPTION 'published {noun} % stays as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""
IN_FROZEN = """
    IF (TG_OP <> 'DELETE' AND EXISTS (SELECT 1 FROM {table} WHERE id IN ({keys}) AND state <> 'draft'))
        OR (TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM {table} WHERE id IN ({former}) AND state <> 'draft'))
    THEN
        RAISE EXCEPTION '{noun} of something published stay as they are' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


def frozen_once_published(noun: str, *, but: str = "state") -> Iterable[pgtrigger.Trigger]:
    """Nothing but its state, and the column `but`, changes after publication; it is never deleted then."""
    return [
        pgtrigger.Protect(
            name=f"published_{noun}_is_kept", operation=pgtrigger.Delete, condition=~pgtrigger.Q(old__state="draft")
        ),
        pgtrigger.FSM(
            name=f"{noun}_moves_forward",
            field="state",
            transitions=[(str(a), str(b)) for a, reached in VERSION_TRANSITIONS.items() for b in reached],
        ),
        pgtrigger.Trigger(
            name=f"published_{noun}_stays",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            func=REWRITTEN.format(noun=noun, free=f"state,{but}"),
        ),
    ]


def refuse_in_frozen(noun: str, *, table: str, keys: str, former: str) -> pgtrigger.Trigger:
    """Parts of something published are neither added, changed nor deleted, nor moved in from elsewhere."""
    return pgtrigger.Trigger(
        name=f"frozen_{noun}",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete | pgtrigger.Insert,
        func=IN_FROZEN.format(noun=noun, table=table, keys=keys, former=former),
    )


ONCE_HANDED_IN = """
    IF (TG_OP <> 'DELETE' AND EXISTS ({of_new}))
        OR (TG_OP <> 'INSERT' AND EXISTS ({of_old}))
    THEN
        RAISE EXCEPTION '{noun} of a visit stay as they are once it is handed in' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
HANDED_IN = (
    "SELECT 1 FROM inspections_visit WHERE id = {row}.visit_id AND source = '' "
    "AND state NOT IN ('planned', 'in_progress', 'returned')"
)


def kept_once_handed_in(noun: str) -> pgtrigger.Trigger:
    """What belongs to a visit is neither added, changed nor deleted while the visit waits for approval, nor later."""
    return pgtrigger.Trigger(
        name=f"{noun}_stay_once_handed_in",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete | pgtrigger.Insert,
        func=ONCE_HANDED_IN.format(noun=noun, of_new=HANDED_IN.format(row="NEW"), of_old=HANDED_IN.format(row="OLD")),
    )
