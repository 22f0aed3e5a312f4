"""Khmer text: digits, search keys, sort keys, and text typed in a legacy font."""

from registry.core.khmer.digits import ascii_digits, has_khmer, khmer_digits
from registry.core.khmer.limon import looks_like_limon
from registry.core.khmer.search import search_key
from registry.core.khmer.sort import sort_key

__all__ = ["ascii_digits", "has_khmer", "khmer_digits", "looks_like_limon", "search_key", "sort_key"]
