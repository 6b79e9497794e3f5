"""Forms of the briefing room: which document to draft, and the text for one placeholder."""

from __future__ import annotations

from typing import Any

from django import forms

from wenmai.rooms.briefing.models import Kind, Step


class DraftForm(forms.Form):
    """Which of the three outputs."""

    kind = forms.ChoiceField(
        label="文稿", choices=Kind.choices,
        error_messages={"required": "请选择文稿", "invalid_choice": "没有这种文稿，请选 代拟稿、核数稿 或 送阅稿"},
    )  # fmt: skip


class PassageForm(forms.Form):
    """Text for a placeholder, or leave the passage out, or open it again."""

    text = forms.CharField(
        label="文字", max_length=4000, required=False, widget=forms.Textarea,
        error_messages={"max_length": "每处最多 4000 字"},
    )  # fmt: skip
    action = forms.ChoiceField(choices=[("fill", "采用"), ("omit", "不写此处"), ("clear", "恢复待填")])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("action") == "fill" and not (data.get("text") or "").strip():
            self.add_error("text", "请填写文字，或选择“不写此处”")
        return data

    def first_error(self) -> str:
        """The first error in one line."""
        return next((str(e[0]) for e in self.errors.values() if e), "")


class ConfirmForm(forms.Form):
    """Confirm the chosen figures at one step, with a note and a stamped slip when there is one."""

    step = forms.TypedChoiceField(
        label="环节", choices=Step.choices, coerce=int,
        error_messages={"required": "请选择环节", "invalid_choice": "没有这一环节"},
    )  # fmt: skip
    note = forms.CharField(label="说明", max_length=300, required=False, error_messages={"max_length": "说明最多 300 字"})
    slip = forms.FileField(
        label="盖章确认单（pdf、jpg、png、ofd）", required=False, error_messages={"empty": "确认单是空文件"},
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.ofd"}),
    )  # fmt: skip
