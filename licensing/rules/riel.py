"""Amounts in riel: whole numbers, because riel have no smaller unit."""

from django.utils.formats import number_format


def riel(amount_khr: int) -> str:
    """An amount as people read it, with the separators of the language that is active: 1,200,000."""
    return str(number_format(amount_khr, use_l10n=True, force_grouping=True))
