"""Forms of the classification room: a decision on one or several enterprises, and the workbook coming back."""

from __future__ import annotations

from typing import Any

from django import forms

from wenmai.rooms.classification.models import Outcome


class DecideForm(forms.Form):
    """Outcome, small class and reason. Whether a class counts wholly or in part follows from the class itself."""

    outcome = forms.ChoiceField(
        label="判定", choices=Outcome.choices,
        error_messages={"required": "请选择判定", "invalid_choice": "判定不在可选项内"},
    )  # fmt: skip
    small_code = forms.CharField(label="小类代码", max_length=60, required=False)
    reason = forms.CharField(label="理由", max_length=300, error_messages={"required": "请填写理由", "max_length": "理由最多 300 字"})

    def clean_small_code(self) -> str | None:
        """The list offers “0711 名称”; only the code is kept."""
        text: str = self.cleaned_data["small_code"].strip()
        return text.split()[0] if text else None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("outcome") in (Outcome.WHOLE, Outcome.PARTIAL) and not data.get("small_code"):
            self.add_error("small_code", "判为文化企业须填小类代码，如 0711")
        return data

    def first_error(self) -> str:
        """The first error in one line."""
        return next((str(e[0]) for e in self.errors.values() if e), "")


class WorkbookForm(forms.Form):
    """The review workbook, filled in."""

    file = forms.FileField(
        label="填好的核定表（xlsx）",
        error_messages={"required": "请选择核定表", "empty": "文件是空的"},
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
