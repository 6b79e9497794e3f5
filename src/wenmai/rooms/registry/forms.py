"""Forms of the registry: the uploaded file, and who provided it on what basis for what use."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from wenmai.rooms.registry.models import Batch

SHARE = (("", "请选择"), ("不可再共享", "不可再共享"), ("区内部门可共享", "区内部门可共享"), ("可公开", "可公开"))


class UploadForm(forms.Form):
    """One file of the directory, in any format the readers know."""

    file = forms.FileField(
        label="名录文件",
        error_messages={"required": "请选择一个文件", "empty": "文件是空的，请核对后重新选择"},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.csv,.tsv,.txt,.json,.jsonl"}),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > settings.UPLOAD_LIMIT:
            limit = settings.UPLOAD_LIMIT / 1e6
            raise forms.ValidationError(f"文件 {file.size / 1e6:.0f} MB，超过上限 {limit:.0f} MB；请按地区或年份拆分后分别导入")
        return file


class AboutForm(forms.ModelForm):
    """Provider, basis, purpose, sharing and date of a batch: every batch from elsewhere records them. The form reads;
    services.describe writes."""

    class Meta:
        model = Batch
        fields = ("provider", "basis", "purpose", "share", "as_of")
        widgets = {
            "provider": forms.TextInput(attrs={"placeholder": "如：区市场监管局"}),
            "basis": forms.TextInput(attrs={"placeholder": "如：数据共享协议及文号"}),
            "purpose": forms.TextInput(attrs={"placeholder": "如：文化企业底数核定"}),
            "share": forms.Select(choices=SHARE),
            "as_of": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("provider", "basis", "purpose", "share"):
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = f"请填写{self.fields[name].label}"
        self.fields["as_of"].required = False
        self.fields["as_of"].label = "数据截至（不知道可留空，报告将写明“未载”）"
        self.fields["as_of"].error_messages["invalid"] = "日期请写成 2024-12-31 的样子"
