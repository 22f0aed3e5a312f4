import csv
import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from inspections.actions import rulebook
from inspections.states import AnswerKind
from registry.accounts.models import User
from registry.core.errors import Refusal

LEVELS = ("section", "criterion", "item")


class Command(BaseCommand):
    help = "Make a checklist version from a CSV list of labels. The same list again makes no new version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, required=True, help="TOML file: names, columns, services")
        parser.add_argument("--publish", action="store_true", help="publish it; the version before it retires")
        parser.add_argument("--by", help="user name of the person who answers for it")

    def handle(self, *arguments: Any, file: Path, mapping: Path, publish: bool, by: str, **options: Any) -> None:
        try:
            definition = definition_from(file, tomllib.loads(mapping.read_text()))
            version, new = rulebook.add_version(
                definition=definition,
                publish_it=publish,
                by=User.objects.get(username=by) if by else None,
                at=timezone.now(),
            )
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, ValueError) as error:
            raise CommandError(f"{file.name}: {error}") from error
        except User.DoesNotExist as error:
            raise CommandError(f"There is no person “{by}”.") from error
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        items = sum(len(section["item"]) for section in definition["section"])
        self.stdout.write(
            f"{version}: {len(definition['section'])} sections, {items} items, {version.get_state_display()}"
            f"{'' if new else ', as it was'}."
        )


def definition_from(file: Path, mapping: dict[str, Any]) -> dict[str, Any]:
    """A checklist as `rulebook.add_version` takes it. Raises ValueError with the row where the list makes no sense."""
    columns = mapping["columns"]
    services = mapping.get("services", {})
    sections: list[dict[str, Any]] = []
    heading = ""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if missing := set(columns.values()) - set(reader.fieldnames or ()):
            raise ValueError(f"the column “{min(missing)}” is missing")
        for number, row in enumerate(reader, 2):
            level, label, key = row[columns["level"]], row[columns["label_en"]].strip(), row[columns["key"]]
            scored = bool(row[columns["scored"]])
            if level in LEVELS and not label:
                raise ValueError(f"row {number}: a {level} without a label")
            if level == "section":
                place = row[columns["section"]]
                sections.append(
                    {
                        "code": f"S{int(place):02d}",
                        "name_en": label,
                        "applies_when": {"services": [services[place]]} if place in services else {},
                        "scored": scored,
                        "item": [],
                    }
                )
                heading = ""
            elif level == "criterion":
                heading = label
            elif level == "item":
                if not sections:
                    raise ValueError(f"row {number}: an item before the first section")
                sections[-1]["item"].append(
                    {
                        "code": key,
                        "heading_en": heading,
                        "label_en": label,
                        "kind": AnswerKind.COMPLIANCE if scored else AnswerKind.TEXT,
                        "clause": mapping.get("clause", "{key}").format(key=key),
                    }
                )
            elif level == "subsection":
                heading = label
    return mapping | {"section": sections}
