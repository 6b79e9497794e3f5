"""Forms of the ledgers, built from their descriptions: per-field faults, money in the written unit, enterprises by name or
code, related rows only from what the person sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.utils import timezone

from wenmai.base import standards
from wenmai.base.values import InputError
from wenmai.office.people.models import INSIDE, Organisation, OrgKind
from wenmai.rooms.records import scope, texts
from wenmai.rooms.records.kinds import Kind, kinds
from wenmai.rooms.records.methods.recognition import MEASURES
from wenmai.rooms.records.models import HeritageItem, Record
from wenmai.rooms.registry.models import Enterprise

MAX_CHOICES = 1000
# Text field → the field that holds the register's key of the enterprise it names.
ENTERPRISE = {"name": "key", "parent_name": "parent_key"}
CONDITIONS = "conditions"
# Which organisations a field may name; the others (who is responsible) are those inside.
OUTSIDE = {"operator": frozenset({OrgKind.OPERATOR}), "organisation": frozenset({OrgKind.ASSOCIATION})}


def organisations(name: str) -> Any:
    """Organisations that a field may name: firms and banks answer for no demand, and their names are not for all to see."""
    return Organisation.objects.filter(active=True, kind__in=OUTSIDE.get(name, INSIDE)).order_by("kind", "name")


class _Written(forms.CharField):
    """Text turned into a value by a function that raises InputError."""

    def __init__(self, read: Any, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)
        self.read = read

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.read(text)
        except InputError as error:
            raise ValidationError(str(error)) from error


class _Rows(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return texts.label(obj)


def resolve(text: str, user: Any = None, within: Any = None) -> tuple[str | None, str]:
    """(key, name) of the enterprise that a person means by a code, a key or a whole name. Not in the register: (None, the
    text). InputError when the name is borne by several."""
    wanted = text.strip()
    query = within if within is not None else scope.enterprises(user)
    for field in ("credit_code", "key", "reg_no", "name"):
        value = wanted.upper() if field == "credit_code" else wanted
        found = list(query.filter(**{field: value}).values_list("key", "name")[:2])
        if len(found) == 1:
            return found[0][0], found[0][1] or wanted
        if found:
            raise InputError(f"名录中有多家“{wanted}”", remedy="请改填统一社会信用代码")
    former = list(query.filter(names__name=wanted).values_list("key", "name").distinct()[:2])
    if len(former) == 1:
        return former[0][0], former[0][1] or wanted
    return None, wanted


class RecordForm(forms.Form):
    """A form of one ledger for one person. `values` are what the services take."""

    def __init__(self, kind: Kind, user: Any, data: Any = None, record: Record | None = None, preset: Mapping[str, str] | None = None) -> None:
        super().__init__(data)
        self.kind, self.user, self.record, self.keys = kind, user, record, {}  # type: ignore[var-annotated]
        for name in kind.fields:
            if name == CONDITIONS:
                self._conditions(record)
                continue
            field = self._field(name)
            field.initial = self._start(name, record, preset or {})
            self.fields[name] = field
        if record is not None:
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=record.version)
            self.fields["reason"] = forms.CharField(label="修改理由", max_length=200, required=False)

    def _field(self, name: str) -> forms.Field:
        column: Any = self.kind.model._meta.get_field(name)
        said: dict[str, Any] = {"label": self.kind.title_of(name), "required": not column.blank}
        if name in texts.FEN:
            return _Written(lambda text: texts.fen(name, text), **said)
        if name == "permille":
            return _Written(texts.permille, **said)
        if isinstance(column, models.ForeignKey):
            return self._related(column, said)
        if self.kind.model is HeritageItem and name == "category":
            return forms.ChoiceField(choices=[("", "请选择"), *((c.name, c.name) for c in standards.ich_categories())], **said)
        if column.choices:
            blank = [("", "未知" if column.null else "请选择")] if column.null or not column.has_default() else []
            return forms.TypedChoiceField(choices=[*blank, *column.flatchoices], empty_value=None if column.null else "", **said)
        if isinstance(column, models.BooleanField):
            return forms.BooleanField(label=said["label"], required=False)
        if isinstance(column, models.DateField):
            return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
                                   error_messages={"invalid": "日期请写成 2026-01-31 的样子"}, **said)  # fmt: skip
        if isinstance(column, models.DecimalField):
            return forms.DecimalField(min_value=0, max_digits=column.max_digits, decimal_places=column.decimal_places, **said)
        if isinstance(column, models.IntegerField):
            return forms.IntegerField(min_value=0, max_value=10**7, **said)
        if isinstance(column, models.TextField):
            return forms.CharField(max_length=column.max_length, widget=forms.Textarea(attrs={"rows": 3}), **said)
        if name in ENTERPRISE and ENTERPRISE[name] in {f.name for f in self.kind.model._meta.fields}:
            said["help_text"] = "可填全称或统一社会信用代码；名录中没有的按所填名称登记，列为未识别"
        field = forms.CharField(max_length=column.max_length, empty_value=None if column.null else "", **said)
        return field

    def _related(self, column: Any, said: dict[str, Any]) -> forms.Field:
        model = column.related_model
        if model is Organisation:
            return forms.ModelChoiceField(organisations(column.name), empty_label="未明确", **said)
        kind = next(k for k in kinds().values() if k.model is model)
        query = kind.cut(model._default_manager.filter(withdrawn_at=None), scope.scope_of(self.user))
        return _Rows(query.select_related(*kind.related).order_by("-pk"), empty_label="请选择" if not column.blank else "无", **said)

    def narrow(self, park: str) -> None:
        """Choices of units and buildings to those of one park, when the page came from there."""
        for name, path in (("unit", "building__park__code"), ("building", "park__code"), ("park", "code")):
            field = self.fields.get(name)
            if park and isinstance(field, _Rows) and field.queryset is not None:
                field.queryset = field.queryset.filter(**{path: park})

    def _start(self, name: str, record: Record | None, preset: Mapping[str, str]) -> Any:
        if record is None:
            if name in preset:
                return preset[name]
            column: Any = self.kind.model._meta.get_field(name)
            return column.get_default() if column.has_default() and not callable(column.default) else None
        value = getattr(record, name)
        if name in texts.FEN:
            return (texts.money(value, texts.FEN[name]) or "").replace(",", "")
        if name == "permille":
            return (texts.percent(value) or "").rstrip("%")
        return value.pk if isinstance(value, models.Model) else value

    def _conditions(self, record: Any) -> None:
        now = {c["measure"]: c["at_least"] for c in (record.conditions if record is not None else [])}
        for name, (title, share) in MEASURES.items():
            label = f"{title}不低于{'（%）' if share else ''}"
            start = None if name not in now else f"{now[name] / 10:g}" if share else str(now[name])
            self.fields[f"c_{name}"] = _Written(texts.permille if share else _whole, label=label, required=False, initial=start)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        own = {f.name for f in self.kind.model._meta.fields}
        for name, key in ENTERPRISE.items():
            text = data.get(name)
            if name in self.kind.fields and key in own and text:
                if self.record is not None and text == getattr(self.record, name) and getattr(self.record, key):
                    self.keys[key] = getattr(self.record, key)
                    continue
                try:
                    # A shareholder may be anybody in the register; the enterprise itself only one the person sees.
                    within = Enterprise.objects.filter(current=True) if name == "parent_name" else None
                    self.keys[key], data[name] = resolve(text, self.user, within)
                except InputError as error:
                    self.add_error(name, str(error))
        return data

    def values(self) -> dict[str, Any]:
        """Field → value of a valid form."""
        data = self.cleaned_data
        found = {name: data[name] for name in self.kind.fields if name != CONDITIONS}
        if CONDITIONS in self.kind.fields:
            found[CONDITIONS] = [
                {"measure": m, "at_least": data[f"c_{m}"]} for m in MEASURES if data.get(f"c_{m}") is not None
            ]  # fmt: skip
        return {**found, **self.keys}

    def take(self, faults: Mapping[str, str]) -> None:
        """Faults that the services found, beside their fields."""
        for name, text in faults.items():
            self.add_error(name if name in self.fields else None, text)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise InputError(f"“{text}”不是整数")
    return int(text)


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", max_length=200, error_messages={"required": "请写明理由"})


class CloseForm(forms.Form):
    """Closing a demand: how it ended, on which day, with what result."""

    state = forms.ChoiceField(label="办理结论", choices=(("已办结", "已办结"), ("已解释", "已解释（不具备办理条件）")))
    closed = forms.DateField(label="办结日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    result = forms.CharField(
        label="办理结果", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": "请写明办理结果"}
    )  # fmt: skip


class HandOverForm(forms.Form):
    """Handing a demand to another department, with the reason and a new term."""

    department = forms.ModelChoiceField(
        Organisation.objects.none(), label="转交部门", empty_label="请选择", error_messages={"required": "请选择转交部门"}
    )  # fmt: skip
    leader = forms.CharField(label="责任领导", max_length=60, required=False)
    due = forms.DateField(label="办结期限", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label="转交理由", max_length=200, error_messages={"required": "请写明转交理由"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = organisations("department")  # type: ignore[attr-defined]


def preset(kind: Kind, get: QueryDict) -> dict[str, str]:
    """Values that the address may fill in: parents by id, an enterprise by name, a date as today."""
    found = {n: str(get[n])[:100] for n in kind.parents if get.get(n)}
    for name in ("raised", "on"):
        if name in kind.fields and name not in found:
            found[name] = timezone.localdate().isoformat()
    return found
