from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections import rules
from inspections.models import ChecklistVersion, Ruleset
from inspections.permissions import check_may_draft, check_may_publish
from inspections.reports.conditions import names_of_codes
from inspections.states import VersionState
from registry.core.errors import passes
from registry.ui.lists import Column, ListAction, ListPage


def address(version: ChecklistVersion) -> str:
    return reverse("checklist-detail", args=[version.checklist.code, version.number])


class ChecklistList(ListPage):
    model = ChecklistVersion
    title = gettext_lazy("Checklists")
    lead = gettext_lazy("A published version never changes; a correction is a new version.")
    default_sort = "checklist"
    empty_state = gettext_lazy("No checklist is loaded yet.")
    empty_advice = gettext_lazy("Write one here, or let an administrator load one from a file.")
    columns = (
        Column("checklist", gettext_lazy("Checklist"), sort=("checklist__code", "number"), link=address),
        Column("number", gettext_lazy("Version"), kind="number"),
        Column("state", gettext_lazy("State"), kind="tag"),
        Column("sections", gettext_lazy("Sections"), value="section_count", kind="number"),
        Column("items", gettext_lazy("Items"), value="item_count", kind="number"),
        Column("published_at", gettext_lazy("Published at"), kind="date"),
        Column("ruleset", gettext_lazy("Ruleset"), value="checklist.ruleset_code", page=False),
    )

    def queryset_for(self, user: Any) -> QuerySet[ChecklistVersion]:
        return (
            super()
            .queryset_for(user)
            .select_related("checklist")
            .annotate(section_count=Count("sections", distinct=True), item_count=Count("sections__items"))
        )

    def actions_for(self, user: Any) -> list[ListAction]:
        rulesets = ListAction(reverse("ruleset-list"), _("Rulesets"))
        if not passes(check_may_draft, user):
            return [rulesets]
        return [
            ListAction(reverse("checklist-create"), _("New checklist")),
            ListAction(reverse("xlsform-import"), _("Load an XLSForm")),
            rulesets,
        ]


@login_required
def checklist(request: HttpRequest, code: str, number: int) -> HttpResponse:
    visible = ChecklistVersion.objects.visible_to(request.user).select_related("checklist")
    version = get_object_or_404(visible, checklist__code=code, number=number)
    structure = rules.structure(version)
    others = [other for other in version.checklist.versions.order_by("-number") if other.pk != version.pk]
    context = {
        "version": version,
        "sections": structure,
        "names": names_of_codes(),
        "others": others,
        "may": may(request.user, version, others),
        "facts": [
            (_("Version"), version.number),
            (_("Source"), version.source),
            (_("Published at"), version.published_at and timezone.localdate(version.published_at)),
            (_("Facility types"), ", ".join(map(str, version.checklist.facility_types.order_by("code"))) or _("None")),
            (_("Items"), sum(len(items) for _section, items in structure)),
        ],
        "rulesets": Ruleset.objects.filter(code=version.checklist.ruleset_code).order_by("-number"),
        "breadcrumbs": [(ChecklistList.title, reverse("checklist-list")), (version, "")],
    }
    return render(request, "inspections/checklist_detail.html", context)


def may(user: Any, version: ChecklistVersion, others: list[ChecklistVersion]) -> dict[str, bool]:
    """What this person can do here; the actions ask again."""
    drafts, publishes = passes(check_may_draft, user), passes(check_may_publish, user)
    is_draft = version.state == VersionState.DRAFT
    return {
        "write": drafts and is_draft,
        "draft": drafts and not is_draft and all(other.state != VersionState.DRAFT for other in others),
        "publish": publishes and is_draft,
        "retire": publishes and version.state == VersionState.PUBLISHED,
        "describe": publishes or (drafts and is_draft and not others),
    }
