from registry.outbox.models.letter import Letter
from registry.outbox.models.message import Message
from registry.outbox.models.preference import Preference

__all__ = ["Letter", "Message", "Preference"]
