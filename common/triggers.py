"""Triggers that guard what a constraint cannot: a rule between a row and rows of other tables."""

from typing import Any

import pgtrigger


def requires(
    name: str,
    rule: str,
    message: str,
    *,
    when: Any = pgtrigger.Before,
    operation: Any = pgtrigger.Insert,
    **options: Any,
) -> pgtrigger.Trigger:
    """Return a trigger that refuses a row (`NEW`) with `message`, unless the SQL `rule` holds for it."""
    func = f"""
        IF NOT ({rule}) THEN
            RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """
    return pgtrigger.Trigger(name=name, when=when, operation=operation, func=func, **options)
