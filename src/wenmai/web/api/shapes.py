"""What the API answers, field by field. Unknown is null, never 0."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Field, Schema


class Fault(Schema):
    code: str = Field(description="不随文字变的错误代码")
    message: str = Field(description="出了什么问题")
    where: str = Field("", description="哪个参数")
    remedy: str = Field("", description="怎么办")


class Error(Schema):
    error: Fault


class EnterpriseOut(Schema):
    key: str
    name: str | None
    credit_code: str | None
    unit_type: str | None
    status: str | None
    registered_on: date | None
    street: str | None
    park: str | None
    industry_code: str | None
    outcome: str | None = Field(description="判定：全部计入类、部分计入类、非文化、待核定；null 为未识别")
    decided_by: str | None
    small_code: str | None


class EnterpriseMore(EnterpriseOut):
    former_names: str | None
    reg_type: str | None
    district: str | None
    address: str | None
    operating_address: str | None
    scope: str | None
    batch_id: int


class EnterprisePage(Schema):
    items: list[EnterpriseOut]
    next: int | None = Field(description="下一页的 after；null 为已到末尾")
    row_scope: str = Field(description="本令牌的数据范围；空为全区")


class FigureOut(Schema):
    id: str
    title: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    kind: str
    lane: str
    scope: str
    unit_type: str
    period: str
    vintage: str
    provider: str
    publishable: str
    snapshot: int
    definition: str
    blocked: str | None = Field(description="不成文的原因")


class FigurePage(Schema):
    snapshot: int
    items: list[FigureOut]


class RowPage(Schema):
    figure: str
    snapshot: int
    total: int
    items: list[dict[str, str | int | float | bool | None]]
    next: int | None
    row_scope: str


class FactOut(Schema):
    id: int
    code: str
    name: str
    subject_kind: str
    subject_key: str
    subject_name: str
    item: str
    period: str
    lane: str
    scope: str
    stage: str
    value: str | None = Field(description="十进制文本，按所报小数位；null 见 status")
    unit: str
    status: str
    mark: str
    provider: str
    definition_version: int
    recorded_from: datetime
    recorded_to: datetime | None


class FactPage(Schema):
    items: list[FactOut]
    next: int | None
    as_of: datetime | None
    row_scope: str


class SnapshotOut(Schema):
    id: int
    created_at: datetime
    period: str
    vintage: str
    provider: str
    digest: str
    register_version: int
    tables: dict[str, int]


class SnapshotPage(Schema):
    items: list[SnapshotOut]
    next: int | None


class JobOut(Schema):
    id: int
    kind: str
    title: str
    state: str
    step: str
    done: int
    total: int | None
    created_at: datetime


class JobPage(Schema):
    items: list[JobOut]
    next: int | None
