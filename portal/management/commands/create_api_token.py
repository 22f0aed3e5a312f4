from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.accounts.actions import api_tokens
from registry.accounts.models import User
from registry.core.errors import Refusal


class Command(BaseCommand):
    help = "Give a person a new token for the API, in place of an earlier one, and print it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *arguments: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no person with the user name {username}.")
        try:
            self.stdout.write(api_tokens.create(user=user, by=None, at=timezone.now()))
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
