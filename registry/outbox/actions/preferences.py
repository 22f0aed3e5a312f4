from registry.accounts.models import User
from registry.outbox.models import Preference


def prefer(*, language: str, by_email: bool, phone: str = "", telegram_chat: str = "", by: User) -> Preference:
    """From now on letters to this person are written so."""
    preference, _created = Preference.objects.update_or_create(
        person=by,
        defaults={"language": language, "by_email": by_email, "phone": phone, "telegram_chat": telegram_chat},
    )
    return preference
