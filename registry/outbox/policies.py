from django.utils.translation import gettext as _

from registry.core.errors import Refused
from registry.outbox.models import Letter
from registry.outbox.states import LetterState


def check_can_send_again(letter: Letter) -> None:
    if letter.state != LetterState.GIVEN_UP:
        raise Refused(_("Only a letter that was given up can be sent again."), code="letter_not_given_up")
