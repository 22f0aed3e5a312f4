from django.db import models

NUMBER_OF_A_SERIES = "^(MOH|PHD[0-9]{2})(-A)?-[0-9]{4}-[0-9]+$"
"""Numbers of licences and, with an A, of authorisations for services."""


class NumberSeries(models.Model):
    """The last number that an authority gave in a year; the next is the one after it, and none is left out.

    The row is locked until the transaction that takes a number ends, so a number that was taken back was never given.
    """

    prefix = models.CharField(max_length=12)
    """MOH for the ministry, PHD and the province's code for a province; REF and INV for applications and invoices."""
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="one_series_per_authority_and_year")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year} {self.last}"
