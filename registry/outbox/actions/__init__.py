from registry.outbox.actions.messages import read, read_all
from registry.outbox.actions.posting import News, post, post_all
from registry.outbox.actions.preferences import prefer
from registry.outbox.actions.relay import send_again, send_next

__all__ = ["News", "post", "post_all", "prefer", "read", "read_all", "send_again", "send_next"]
