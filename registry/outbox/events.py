"""News of this room, sent once the letters are kept."""

from django.dispatch import Signal

posted = Signal()
"""Letters wait to be sent."""
