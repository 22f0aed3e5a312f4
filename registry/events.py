"""News of this floor for the floors above it, sent once what they tell is kept."""

from django.dispatch import Signal

facility_status_changed = Signal()
"""`facility`, `at`: its operational status is another than before."""

interest_declared = Signal()
"""`person`, `at`: declared an interest in a facility or an operator."""
