from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, models, transaction
from django.db.models import DateTimeField, ExpressionWrapper, Q
from django.db.models.functions import Now


class Lease(models.Model):
    """The right to do one thing for the whole instance alone, until it expires by the clock of the database.

    So machines whose clocks differ agree on who has it.
    """

    name = models.CharField(max_length=40, unique=True)
    holder = models.CharField(max_length=120, blank=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder or 'nobody'}"

    @classmethod
    def take(cls, name: str, holder: str, seconds: float) -> bool:
        """Take it or keep it for so long from now; False while somebody else has it."""
        free = Q(holder__in=[holder, ""]) | Q(until__lt=Now())
        until = ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())
        if cls.objects.filter(free, name=name).update(holder=holder, until=until):
            return True
        if cls.objects.filter(name=name).exists():
            return False
        try:
            with transaction.atomic():
                cls.objects.create(name=name, holder=holder, until=until)
        except IntegrityError:  # somebody else was faster
            return False
        return True

    @classmethod
    def drop(cls, name: str, holder: str) -> None:
        cls.objects.filter(name=name, holder=holder).update(holder="")
