from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from inspections.actions import photos, signatures, visits
from inspections.api.evidence import (
    ArrivalSerializer,
    PhotoUploadSerializer,
    ServicesSerializer,
    SignatureSerializer,
    SignatureUploadSerializer,
)
from inspections.api.findings import FindingSerializer
from inspections.api.standings import DAY
from inspections.filters import VisitFilter
from inspections.models import ChecklistVersion, Finding, Visit, VisitMember, VisitPhoto, VisitSignature
from inspections.policies import NOTE_LENGTH
from inspections.states import BandCode, LicenceSeen, Purpose, SignerKind, VisitOutcome, VisitState
from registry.accounts.models import User
from registry.api.idempotency import HEADER, once
from registry.core.errors import Refused
from registry.models import Facility
from registry.ui.api import Choice, ReadOnlyViewSet, Text

A_VISIT = {
    "uuid": "6a2f41a3-c54c-fce8-32d2-0324e1c32e22",
    "facility": "KH000013754",
    "purpose": "routine",
    "announced": False,
    "state": "approved",
    "outcome": "completed",
    "planned_on": "2026-02-25",
    "visited_on": "2026-03-02",
    "licence_seen": "valid",
    "score": 71.5,
    "band": "substantially_compliant",
    "next_due_on": "2027-03-02",
    "ruleset": "demonstration",
    "ruleset_version": 1,
    "submitted_at": "2026-03-02T16:20:00+07:00",
    "decided_at": "2026-03-04T09:05:00+07:00",
    "findings": [
        {
            "id": 4711,
            "item": "S02.A01",
            "clause": "2.1",
            "text": "No soap at two of five basins.",
            "severity": 2,
            "scope": 2,
            "grid": "E",
            "corrected_on": "2026-03-09",
            "corrected_how": "desk",
        }
    ],
}


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An approved visit",
            A_VISIT,
        )
    ]
)
class VisitSerializer(serializers.Serializer[Visit]):
    """One inspection of one facility, with what was found."""

    uuid = serializers.UUIDField()
    facility = serializers.CharField(source="facility.number", help_text="Number of the facility.")
    purpose = serializers.ChoiceField(Purpose.choices)
    announced = serializers.BooleanField(help_text="Whether the facility knew that somebody would come.")
    state = serializers.ChoiceField(VisitState.choices)
    outcome = Choice(VisitOutcome.choices, allow_null=True)
    planned_on = serializers.DateField(allow_null=True, help_text=DAY)
    visited_on = serializers.DateField(allow_null=True, help_text=DAY)
    licence_seen = Choice(LicenceSeen.choices, allow_null=True)
    score = serializers.FloatField(allow_null=True, help_text="Percent of the applicable maximum, 0 to 100.")
    band = Choice(BandCode.choices, allow_null=True)
    next_due_on = serializers.DateField(allow_null=True, help_text="By this day the next visit was due after this one.")
    ruleset = serializers.CharField(source="ruleset.code", help_text="Code of the rules that made the score a band.")
    ruleset_version = serializers.IntegerField(source="ruleset.number")
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True, help_text="When it was approved or returned.")
    findings = FindingSerializer(source="findings.all", many=True)


class MemberSerializer(serializers.Serializer[VisitMember]):
    """One inspector in the team of a visit."""

    person = serializers.CharField(source="person.username")
    sections = serializers.ListField(child=serializers.CharField(), help_text="Codes of sections of their own.")
    stated_at = serializers.DateTimeField(allow_null=True, help_text="When they stated to have no interest here.")


class PhotoSerializer(serializers.Serializer[VisitPhoto]):
    """What a photo shows; the picture itself is on the page of the visit."""

    item = Text(source="item_code", help_text="Section and item of the checklist; null: the visit as a whole.")
    caption = Text()
    sha256 = serializers.CharField(source="file.sha256")
    content_type = serializers.CharField(source="file.content_type")
    taken_at = serializers.DateTimeField(allow_null=True)
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)


ANSWER = {"type": "object", "additionalProperties": {"type": "string"}}


@extend_schema_field({"type": "object", "additionalProperties": ANSWER})
class Answers(serializers.JSONField):
    """What was answered, by the name of an item: section code, dot, item code."""


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A whole visit",
            A_VISIT
            | {
                "checklist": "jhic",
                "checklist_version": 7,
                "revision": 14,
                "services": ["surgery"],
                "answers": {"S02.A01": {"answer": "no", "note": "No soap at two of five basins."}},
                "carried": {"4699": {"mended": "yes"}},
                "note": None,
                "content_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "amends": None,
                "team": [{"person": "sok.dara", "sections": [], "stated_at": "2026-03-02T08:00:00+07:00"}],
                "photos": [],
                "signatures": [],
            },
        )
    ]
)
class WholeVisitSerializer(VisitSerializer):
    """One inspection with its team, its answers and its photos."""

    checklist = serializers.CharField(source="checklist_version.checklist.code", default=None, allow_null=True)
    checklist_version = serializers.IntegerField(
        source="checklist_version_id", allow_null=True, help_text="Id of the version of the checklist."
    )
    revision = serializers.IntegerField(help_text="Send it with the next answers.")
    services = serializers.ListField(child=serializers.CharField())
    answers = Answers()
    carried = Answers(help_text="What is said of earlier findings, by the id of the finding.")
    note = Text()
    content_hash = Text(help_text="SHA-256 of all that was answered, as handed in and signed.")
    amends = serializers.UUIDField(source="amends.uuid", default=None, allow_null=True)
    team = MemberSerializer(source="members.all", many=True)
    photos = PhotoSerializer(source="photos.all", many=True)
    signatures = SignatureSerializer(source="signatures.all", many=True)


class PlanSerializer(serializers.Serializer[Visit]):
    """A visit to be planned."""

    uuid = serializers.UUIDField(
        required=False, help_text="Made by the client; the same one again gives the visit that it made."
    )
    facility = serializers.CharField(help_text="Number of the facility.")
    checklist = serializers.CharField(help_text="Code of the checklist.")
    inspector = serializers.CharField(required=False, help_text="User name; whoever asks, unless it is named.")
    planned_on = serializers.DateField(help_text=DAY)
    purpose = serializers.ChoiceField(Purpose.choices, default=Purpose.ROUTINE)
    announced = serializers.BooleanField(default=False)


class AnswersSerializer(serializers.Serializer[Visit]):
    """Answers to some items, begun from a revision."""

    revision = serializers.IntegerField(min_value=1)
    answers = Answers(
        help_text="By item (“S01.A02”), or “finding:” and the id of an earlier finding. An empty object takes back."
    )

    def validate_answers(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise serializers.ValidationError(_("Send an object: an answer for each item."), code="not_an_object")
        return value


class ConclusionSerializer(serializers.Serializer[Visit]):
    """How a visit ended."""

    visited_on = serializers.DateField(help_text=DAY)
    outcome = serializers.ChoiceField(VisitOutcome.choices)
    licence_seen = serializers.ChoiceField(LicenceSeen.choices, required=False, default="")
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=NOTE_LENGTH)


KEY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="Made by the client, one for each request; the same request sent again has no second effect.",
)


def changes(serializer: Any, done: int = 200) -> Any:
    """The description of a request that changes a visit."""
    return extend_schema(request=serializer, parameters=[KEY], responses={done: WholeVisitSerializer})


class VisitViewSet(ReadOnlyViewSet):
    """Visits, the newest record first."""

    queryset: QuerySet[Any] = Visit.objects.select_related("facility", "ruleset").prefetch_related(
        Prefetch("findings", Finding.objects.order_by("item_code", "pk"))
    )
    serializer_class: type[serializers.Serializer[Any]] = VisitSerializer
    filterset_class = VisitFilter
    http_method_names: tuple[str, ...] = ("get", "head", "post", "patch")
    lookup_field = "uuid"
    lookup_value_regex = "[0-9a-f-]{36}"
    ordering = ("-created_at",)

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        if self.action == "list":
            return rows.defer("answers", "carried", "section_scores")
        return rows.select_related("checklist_version__checklist", "amends").prefetch_related(
            Prefetch("members", VisitMember.objects.select_related("person").order_by("pk")),
            Prefetch("photos", VisitPhoto.objects.select_related("file").order_by("pk")),
            Prefetch("signatures", VisitSignature.objects.select_related("image").order_by("pk")),
        )

    def get_serializer_class(self) -> type[serializers.Serializer[Any]]:
        return VisitSerializer if self.action == "list" else WholeVisitSerializer

    @changes(PlanSerializer, 201)
    def create(self, request: Request) -> Any:
        """Plan a visit. The answer says under which number it is kept: one that waited for somebody keeps its own."""
        sent = self.sent(PlanSerializer)
        return self.once(lambda at: self.plan(sent, at))

    @changes(None)
    @action(detail=True, methods=["post"])
    def statement(self, request: Request, uuid: str) -> Any:
        """State to have no interest in the facility."""
        visit = self.get_object()
        return self.once(lambda at: self.done(visits.state_no_interest(visit=visit, by=self.person, at=at).visit))

    @changes(None)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, uuid: str) -> Any:
        """Begin the visit: its checklist and its rules stand from now on."""
        visit = self.get_object()
        return self.once(lambda at: self.done(visits.start(visit=visit, by=self.person, at=at)))

    @changes(ArrivalSerializer)
    @action(detail=True, methods=["post"])
    def arrival(self, request: Request, uuid: str) -> Any:
        """Keep that the inspector has arrived, and how far from the registered point."""
        visit, sent = self.get_object(), self.sent(ArrivalSerializer)
        return self.once(lambda at: self.done(visits.arrive(visit=visit, **sent, by=self.person, at=at)))

    @changes(ServicesSerializer)
    @action(detail=True, methods=["post"])
    def services(self, request: Request, uuid: str) -> Any:
        """Say which services were found: what is asked depends on them."""
        visit, sent = self.get_object(), self.sent(ServicesSerializer)
        return self.once(lambda at: self.done(visits.note_services(visit=visit, **sent, by=self.person, at=at)))

    @changes(AnswersSerializer)
    @action(detail=True, methods=["patch"])
    def answers(self, request: Request, uuid: str) -> Any:
        """Keep the answers to some items; what others answered since to other items stays."""
        visit, sent = self.get_object(), self.sent(AnswersSerializer)
        return self.once(lambda at: self.done(visits.save_draft(visit=visit, **sent, by=self.person, at=at)))

    @changes(ConclusionSerializer)
    @action(detail=True, methods=["post"])
    def conclude(self, request: Request, uuid: str) -> Any:
        """Say how the visit ended, so that people can sign it."""
        visit, sent = self.get_object(), self.sent(ConclusionSerializer)
        return self.once(lambda at: self.done(visits.conclude(visit=visit, **sent, by=self.person, at=at)))

    @changes(ConclusionSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, uuid: str) -> Any:
        """Hand in the visit, signed by everybody; its answers are locked."""
        visit, sent = self.get_object(), self.sent(ConclusionSerializer)
        return self.once(lambda at: self.done(visits.submit(visit=visit, **sent, by=self.person, at=at)))

    @changes({"multipart/form-data": PhotoUploadSerializer})
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def photos(self, request: Request, uuid: str) -> Any:
        """Add a photo; the same picture of the same item is kept once."""
        visit, sent = self.get_object(), PhotoUploadSerializer(data=request.data)
        sent.is_valid(raise_exception=True)

        def work(at: datetime) -> tuple[int, Any]:
            photos.add(visit=visit, **sent.facts(), by=self.person, at=at)
            return self.done(visit)

        return self.once(work)

    @changes({"multipart/form-data": SignatureUploadSerializer})
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def signatures(self, request: Request, uuid: str) -> Any:
        """Sign what is now answered: each inspector with the own token, the facility on the device of one of them."""
        visit, serializer = self.get_object(), SignatureUploadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        sent = dict(serializer.validated_data)
        signer, upload = sent.pop("signer"), sent.pop("file", None)

        def work(at: datetime) -> tuple[int, Any]:
            who: dict[str, Any] = {"visit": visit, "upload": upload, "by": self.person, "at": at}
            if signer == SignerKind.RESPONSIBLE:
                signatures.sign_for_facility(**who, **sent)
            else:
                signatures.sign_as_inspector(**who, person=self.person)
            return self.done(visit)

        return self.once(work)

    @property
    def person(self) -> User:
        user: Any = self.request.user
        return user

    def sent(self, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        self.request._request.body  # noqa: B018 - kept for the fingerprint of the request before it is parsed
        read = serializer(data=self.request.data)
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)

    def once(self, work: Callable[[datetime], tuple[int, Any]]) -> Any:
        at = timezone.now()
        return once(self.request, lambda: work(at), at=at)

    def plan(self, sent: dict[str, Any], at: datetime) -> tuple[int, Any]:
        facility = self.chosen(Facility, "facility", number=sent["facility"])
        uuid: UUID | None = sent.get("uuid")
        same = Visit.objects.filter(uuid=uuid) if uuid else Visit.objects.none()
        made = same.visible_to(self.person).filter(facility=facility).first()
        if made is not None:
            return self.done(made)
        published = ChecklistVersion.objects.published().visible_to(self.request.user)
        version = published.filter(checklist__code=sent["checklist"]).first()
        if version is None:
            raise self.unknown("checklist")
        inspector: Any = self.person
        if name := sent.get("inspector"):
            inspector = User.objects.inspectors_of(facility.province_id).filter(username=name).first()
            if inspector is None:
                raise self.unknown("inspector")
        if same.exists():
            raise Refused(_("This number belongs to another visit."), code="uuid_taken")
        visit = visits.plan(
            facility=facility,
            inspector=inspector,
            checklist_version=version,
            planned_on=sent["planned_on"],
            purpose=sent["purpose"],
            announced=sent["announced"],
            uuid=uuid,
            by=self.person,
            at=at,
        )
        return self.done(visit, 201)

    def chosen(self, model: Any, field: str, **which: str) -> Any:
        found = model.objects.visible_to(self.request.user).filter(**which).first()
        if found is None:
            raise self.unknown(field)
        return found

    def unknown(self, field: str) -> serializers.ValidationError:
        return serializers.ValidationError(
            {field: ErrorDetail(_("There is none, or it lies outside your province."), code="unknown")}
        )

    def done(self, visit: Visit, status: int = 200) -> tuple[int, Any]:
        return status, WholeVisitSerializer(self.get_queryset().get(pk=visit.pk)).data
