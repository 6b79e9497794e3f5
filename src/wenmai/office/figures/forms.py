"""Forms of facts: where they come from, a change of definition, the grid that is typed or pasted into, a frame's row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from wenmai.base.values import WenmaiError
from wenmai.office.figures import entering, sources
from wenmai.office.figures.definitions import KINDS
from wenmai.office.figures.facts import NewFact
from wenmai.office.figures.methods.layout import indicator_of, item_of
from wenmai.office.figures.models import Definition, FactStatus, Lane, Mark
from wenmai.office.kit.lists import clean_text
from wenmai.office.people.models import SubjectKind

GRID = ("code", "name", "period", "value", "unit", "item", "scope", "stage", "status")
GRID_TITLES = ("指标", "对象", "时期", "数值", "单位", "分项", "口径", "版次", "状态")
MAX_GRID = 100
START_ROWS = 8


class SourceForm(forms.Form):
    """Who provided the figures, on what basis, for what use, until when, may they be passed on; the file and the slip."""

    provider = forms.CharField(label="提供单位", max_length=120, widget=forms.TextInput(attrs={"placeholder": "如：区统计局", "list": "providers"}))
    basis = forms.CharField(label="依据", max_length=200, widget=forms.TextInput(attrs={"placeholder": "如：来函文号、共享协议"}))
    purpose = forms.CharField(label="用途", max_length=200, widget=forms.TextInput(attrs={"placeholder": "如：季度情况汇报"}))
    share = forms.ChoiceField(label="可否再共享", choices=(("", "请选择"), *((s, s) for s in sources.SHARES)))
    expires = forms.DateField(
        label="期限（长期有效可留空）", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "日期请写成 2026-12-31 的样子"},
    )  # fmt: skip
    slip = forms.FileField(
        label="盖章确认单（统计部门数据必附；pdf、jpg、png、ofd，不超过 10 MB）", required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.ofd"}), error_messages={"empty": "确认单是空文件"},
    )  # fmt: skip
    file = forms.FileField(label="来函或数据原件（可不附）", required=False, error_messages={"empty": "文件是空的"})
    ticket = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, file_label: str = "", accept: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("provider", "basis", "purpose", "share"):
            self.fields[name].error_messages["required"] = f"请填写{self.fields[name].label}"
        if file_label:
            self.fields["file"].label = file_label
        if accept:
            self.fields["file"].widget.attrs["accept"] = accept
        self.kept: dict[str, str] = {}

    def clean(self) -> dict[str, Any]:
        """Uploads are kept at once, so that an error elsewhere in the form does not lose them."""
        data: dict[str, Any] = super().clean() or {}
        try:
            self.kept = sources.read_ticket(data.get("ticket", ""))
        except WenmaiError as error:
            self.add_error(None, str(error))
        for name, keep in (("slip", sources.keep_slip), ("file", sources.keep)):
            upload = data.get(name)
            if upload:
                try:
                    self.kept[name], self.kept[f"{name}_name"] = keep(upload.chunks(), upload.name)
                except WenmaiError as error:
                    self.add_error(name, str(error))
        return data

    def renew(self) -> None:
        """Put what is kept so far into the form, for the next post."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("ticket")] = sources.ticket(self.kept) if self.kept else ""
        self.data = data

    def about(self) -> sources.About:
        data = self.cleaned_data
        return sources.About(
            data["provider"], data["basis"], data["purpose"], data["share"], data["expires"], self.kept.get("file_name", ""),
            self.kept.get("file", ""), self.kept.get("slip", ""),
        )  # fmt: skip

    def carried(self) -> dict[str, str]:
        """The plain fields, to be carried through a later step as hidden ones."""
        return {name: str(self.cleaned_data.get(name) or "") for name in ("provider", "basis", "purpose", "share", "expires")}


class DefaultsForm(forms.Form):
    """What holds for every row that says nothing else."""

    kind = forms.ChoiceField(label="对象类别", choices=SubjectKind.choices, initial=SubjectKind.AREA, required=False)
    key = forms.CharField(label="对象（名称或代码）", max_length=100, required=False, initial=entering.HERE)
    code = forms.CharField(label="指标", max_length=120, required=False, widget=forms.TextInput(attrs={"list": "indicators"}))
    period = forms.CharField(label="时期", max_length=40, required=False, widget=forms.TextInput(attrs={"placeholder": "2024年三季度"}))
    unit = forms.CharField(label="单位（空为指标单位）", max_length=20, required=False)
    lane = forms.ChoiceField(label="来源类", choices=(("", "请选择"), *Lane.choices), required=False)
    scope = forms.CharField(label="口径", max_length=80, required=False, widget=forms.TextInput(attrs={"list": "scopes"}))
    dimension = forms.CharField(label="分项按", max_length=20, required=False, widget=forms.TextInput(attrs={"placeholder": "大类"}))
    stage = forms.CharField(label="版次", max_length=12, required=False, widget=forms.TextInput(attrs={"list": "stages"}))
    mark = forms.ChoiceField(label="公开属性", choices=Mark.choices, initial=Mark.INTERNAL, required=False)

    def said(self) -> dict[str, str]:
        """The defaults that are set; the subject as a key, for an area or a park also its name."""
        data = {k: clean_text(v) for k, v in self.cleaned_data.items() if isinstance(v, str)} if self.is_valid() else {}
        return {k: v for k, v in data.items() if v and k != "dimension"}

    def by(self) -> str:
        """What a bare item is an item of."""
        return clean_text(self.cleaned_data.get("dimension")) if self.is_valid() else ""


def grid_rows(post: Mapping[str, str]) -> list[dict[str, str]]:
    """The rows of the grid as typed, empty ones left out, then those pasted into the box (tab-separated, same order)."""
    count = min(len({k.partition("-")[0] for k in post if k[:1] == "r" and k.partition("-")[0][1:].isdigit()}), MAX_GRID + START_ROWS)
    rows = [{name: clean_text(post.get(f"r{i}-{name}")) for name in GRID} for i in range(count)]
    for line in (post.get("pasted") or "")[:200_000].splitlines():
        cells = [clean_text(c) for c in line.split("\t")]
        if any(cells) and tuple(cells[:3]) != GRID_TITLES[:3]:
            rows.append(dict(zip(GRID, [*cells, *[""] * len(GRID)], strict=False)))
    return [row for row in rows if any(row.values())]


def grid_facts(rows: list[dict[str, str]], defaults: dict[str, str], dimension: str) -> list[NewFact]:
    """Facts of the grid's rows: what a row leaves open is taken from the defaults."""
    names, items, units = entering.indicator_names(), entering.item_names(), entering.units_of()
    keys = entering.keys_by_name([row["name"] or defaults.get("key", "") for row in rows])
    found = []
    for row in rows:
        said = {**defaults, **{k: v for k, v in row.items() if v and k not in ("value", "name")}}
        if row["name"]:
            said["key"] = row["name"]
        text = said.pop("key", "")
        if said.get("kind") not in (SubjectKind.ENTERPRISE, SubjectKind.PERSON):
            said |= {"key": text, "name": text}
        elif (said["kind"], text) in keys or not text.isascii():
            said["name"] = text
        else:
            said["key"] = text
        said["code"] = indicator_of(said.get("code", ""), names)
        said["item"] = item_of(said.get("item", ""), dimension, items)
        found.append(entering.new_fact(said, row["value"], units, keys))
    return found


class DefinitionForm(forms.ModelForm):
    """The next version of an indicator, as it is to be; what is left as it was stays so."""

    reason = forms.CharField(label="修改理由", max_length=300)
    in_force = forms.CharField(label="自哪一期起用", max_length=40, widget=forms.TextInput(attrs={"placeholder": "2026年"}))
    kind = forms.ChoiceField(label="时间性质", choices=[(k, k) for k in KINDS])
    lanes = forms.MultipleChoiceField(label="可用来源类（不选为不限）", choices=Lane.choices, required=False, widget=forms.CheckboxSelectMultiple)
    stages = forms.CharField(label="版次（用、分隔）", max_length=120, required=False)
    items = forms.CharField(label="分项按（用、分隔）", max_length=200, required=False)

    class Meta:
        model = Definition
        fields = ("name", "text", "unit", "kind", "formula", "scope", "lanes", "stages", "items", "note")
        widgets = {"text": forms.Textarea(attrs={"rows": 4}), "note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = f"请填写{field.label}"

    @staticmethod
    def of(found: Definition) -> dict[str, Any]:
        """What the form shows at first: the version in force."""
        plain = {name: getattr(found, name) for name in ("name", "text", "unit", "kind", "formula", "scope", "lanes", "note")}
        return plain | {"stages": "、".join(found.stages), "items": "、".join(found.items)}

    def _post_clean(self) -> None:
        """Nothing is written through this form; definitions.propose checks and writes."""

    def changes(self) -> dict[str, Any]:
        data = {k: v for k, v in self.cleaned_data.items() if k in self.Meta.fields}
        for name in ("stages", "items"):
            data[name] = [part.strip() for part in data[name].replace(",", "、").replace("，", "、").split("、") if part.strip()]
        return data


class SpellForm(forms.Form):
    """One unit in or out of a frame."""

    frame = forms.CharField(label="框", max_length=40, initial="规上", error_messages={"required": "请填写框的名称"})
    lane = forms.ChoiceField(label="来源类", choices=Lane.choices, initial=Lane.MONITOR)
    key = forms.CharField(label="统一社会信用代码或名录标识", max_length=100, error_messages={"required": "请填写代码"})
    name = forms.CharField(label="企业名称", max_length=300, required=False)
    on = forms.DateField(
        label="日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写日期", "invalid": "日期请写成 2026-01-31 的样子"},
    )  # fmt: skip
    kind = forms.CharField(label="入库类型或退库原因", max_length=60, required=False)


def parse_day(text: str | None) -> date | None:
    """A day of an address, or None."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


STATUS_WORDS = [label for value, label in FactStatus.choices if value not in (FactStatus.REPORTED, FactStatus.CONFIRMED)]
