"""A ruleset as one form: its bands by where they begin, its grid by the days it gives."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.models import Band, GridCell, Ruleset
from inspections.states import GRID, BandCode, Scope, Severity
from registry.models import FacilityType
from registry.ui.forms import DayField, PageForm

FACTS = (
    "name",
    "source",
    "valid_from",
    "decimal_places",
    "hard_maximum_months",
    "critical_cap",
    "unlicensed_band",
    "grace_months",
)
NARROW = {"class": "govuk-input--width-4", "inputmode": "decimal"}
MOST_MONTHS = 240


def months(label: Any, *, least: int = 1, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=MOST_MONTHS, widget=forms.TextInput(attrs=NARROW), **options
    )


class RulesetForm(PageForm):
    """`seen` is the edition that the person began from; a band without a beginning is not used."""

    seen = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    source = forms.CharField(
        label=gettext_lazy("Source"),
        help_text=gettext_lazy("The law, letter or standard that says so."),
        max_length=300,
        required=False,
    )
    valid_from = DayField(label=gettext_lazy("In force from"))
    decimal_places = forms.TypedChoiceField(
        label=gettext_lazy("Decimal places of the score, rounded half up"),
        choices=[(n, n) for n in range(3)],
        coerce=int,
    )
    hard_maximum_months = months(
        gettext_lazy("Longest time between two visits, in months"),
        help_text=gettext_lazy("However good the band, the next visit is due after so many months."),
    )
    critical_cap = forms.ChoiceField(
        label=gettext_lazy("Best band with a failed critical item"), choices=BandCode.choices
    )
    unlicensed_band = forms.ChoiceField(
        label=gettext_lazy("Band without any licence"),
        choices=[("", gettext_lazy("The licence does not decide the band")), *BandCode.choices],
        required=False,
    )
    grace_months = months(
        gettext_lazy("Months given once to renew an expired licence"),
        least=0,
        help_text=gettext_lazy("0: an expired licence does not decide anything."),
    )

    def __init__(self, *arguments: Any, ruleset: Ruleset, **options: Any) -> None:
        self.types = list(FacilityType.objects.order_by("code"))
        self.letters = {(cell.severity, cell.scope): cell for cell in ruleset.grid.all()}
        initial = {name: getattr(ruleset, name) for name in FACTS}
        bands = {band.code: band for band in ruleset.bands.all()}
        for code in BandCode:
            band = bands.get(code)
            initial[f"from:{code}"] = band and f"{band.from_percent.normalize():f}"
            initial[f"months:{code}"] = band and band.months_to_next_visit
            initial[f"closure:{code}"] = band and band.closure_at_visit
        initial |= {f"type:{code}": limit for code, limit in ruleset.longest_by_type.items()}
        initial |= {f"days:{self.letter(*place)}": cell.correction_days for place, cell in self.letters.items()}
        super().__init__(*arguments, initial=initial | options.pop("initial", {}), **options)
        self.fields |= dict(self._more())

    def letter(self, severity: int, scope: int) -> str:
        cell = self.letters.get((severity, scope))
        return cell.letter if cell else GRID[(severity - 1) * len(Scope) + scope - 1]

    def _more(self) -> Iterator[tuple[str, forms.Field]]:
        for code in BandCode:
            yield (
                f"from:{code}",
                forms.DecimalField(
                    label=_("“%(band)s” begins at, in per cent") % {"band": code.label},
                    min_value=0,
                    max_value=100,
                    max_digits=5,
                    decimal_places=2,
                    required=False,
                    widget=forms.TextInput(attrs=NARROW),
                ),
            )
            yield f"months:{code}", months(_("Months to the next visit"), required=False)
            yield (
                f"closure:{code}",
                forms.IntegerField(
                    label=_("Closure is proposed at visit"),
                    min_value=1,
                    max_value=20,
                    required=False,
                    widget=forms.TextInput(attrs=NARROW),
                ),
            )
        for type_ in self.types:
            yield f"type:{type_.code}", months(str(type_), required=False)
        for severity in Severity:
            for scope in Scope:
                letter = self.letter(severity, scope)
                yield (
                    f"days:{letter}",
                    forms.IntegerField(
                        label=f"{letter} – {severity.label}, {scope.label}",
                        min_value=0,
                        max_value=365,
                        required=False,
                        widget=forms.TextInput(attrs=NARROW),
                    ),
                )

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        used = [code for code in BandCode if sent.get(f"from:{code}") is not None]
        for code in BandCode:
            if code not in used and (sent.get(f"months:{code}") or sent.get(f"closure:{code}")):
                self.add_error(f"from:{code}", _("Say where “%(band)s” begins.") % {"band": code.label})
        return sent

    # --- what the action takes

    @property
    def facts(self) -> dict[str, Any]:
        limits = {type_.code: self.cleaned_data.get(f"type:{type_.code}") for type_ in self.types}
        longest = {code: limit for code, limit in limits.items() if limit}
        return {name: self.cleaned_data[name] for name in FACTS} | {"longest_by_type": longest}

    @property
    def bands(self) -> list[Band]:
        """Each band ends where the next one begins."""
        sent = self.cleaned_data
        starts = sorted((sent[f"from:{code}"], code) for code in BandCode if sent.get(f"from:{code}") is not None)
        ends = [start for start, _code in starts[1:]] + [None]
        return [
            Band(
                code=code,
                from_percent=start,
                below_percent=end,
                months_to_next_visit=sent.get(f"months:{code}"),
                closure_at_visit=sent.get(f"closure:{code}"),
            )
            for (start, code), end in zip(starts, ends, strict=True)
        ]

    @property
    def cells(self) -> list[GridCell]:
        return [
            GridCell(
                severity=severity,
                scope=scope,
                letter=self.letter(severity, scope),
                correction_days=self.cleaned_data.get(f"days:{self.letter(severity, scope)}"),
            )
            for severity in Severity
            for scope in Scope
        ]

    # --- how the page shows it

    def plain_fields(self) -> list[BoundField]:
        return [self[name] for name in FACTS]

    def band_fields(self) -> list[tuple[str, list[BoundField]]]:
        return [
            (str(code.label), [self[f"{part}:{code}"] for part in ("from", "months", "closure")]) for code in BandCode
        ]

    def type_fields(self) -> list[BoundField]:
        return [self[f"type:{type_.code}"] for type_ in self.types]

    def grid_fields(self) -> list[BoundField]:
        return [self[f"days:{self.letter(severity, scope)}"] for severity in Severity for scope in Scope]


class PublishRulesetForm(PageForm):
    """The edition of the draft whose consequences the person has before them."""

    seen = forms.CharField(widget=forms.HiddenInput)
    understood = forms.BooleanField(
        label=gettext_lazy("I have read what would change"),
    )
