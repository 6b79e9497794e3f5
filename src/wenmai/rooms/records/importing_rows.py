"""One row of a file: texts to what a form takes, the row of the ledger that it speaks of, the unit that it names."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models

from wenmai.base.values import InputError
from wenmai.office.people.models import Organisation
from wenmai.rooms.records import services, texts
from wenmai.rooms.records.forms import organisations
from wenmai.rooms.records.kinds import Kind, kinds
from wenmai.rooms.records.models import Building, Park, RentalUnit
from wenmai.rooms.records.scope import enterprises


def written(kind: Kind, name: str, text: str) -> str:
    """The text of a cell as the form's field takes it. InputError names the column."""
    column: Any = kind.model._meta.get_field(name)
    try:
        if isinstance(column, models.ForeignKey):
            return text if column.related_model is RentalUnit else _related(column, text)
        if isinstance(column, models.DateField):
            return texts.day(text).isoformat()
    except InputError as error:
        raise InputError(error.message, where=kind.title_of(name), remedy=error.remedy) from None
    if isinstance(column, models.BooleanField):
        return "on" if text in ("是", "√", "1", "Y") else ""
    if isinstance(column, models.DecimalField):
        return text.replace(",", "").removesuffix("㎡").removesuffix("平方米").strip()
    if column.choices:
        words = {str(label): str(value) for value, label in column.flatchoices} | {str(v): str(v) for v, _ in column.flatchoices}
        return words.get(text, text)
    return text


def _related(column: Any, text: str) -> str:
    """The id of what a cell names: an organisation or a ledger row by name or code."""
    model = column.related_model
    if model is Organisation:
        found = organisations(column.name).filter(name=text).values_list("pk", flat=True).first()
        if found is None:
            raise InputError(f"单位“{text}”未登记", remedy="请先登记单位，或核对名称")
        return str(found)
    kind = next(k for k in kinds().values() if k.model is model)
    for field in ("code", "name"):
        if field in {f.name for f in model._meta.fields}:
            ids = list(model.objects.filter(**{field: text, "withdrawn_at": None}).values_list("pk", flat=True)[:2])
            if len(ids) == 1:
                return str(ids[0])
    raise InputError(f"{kind.title}中没有“{text}”", remedy="请先登记，或核对名称")


def by_code(code: str, name: str, actor: Any) -> str:
    """The credit code when the register has it, so that the enterprise is found by it; else the name. A name that is not
    that of the code is refused rather than guessed about."""
    found = enterprises(actor).filter(credit_code=code.strip().upper()).values_list("name", "former_names", "pk").first()
    if found is None:
        return name or code
    known = {found[0], *(found[1] or "").replace("；", ";").split(";")}
    if name and name not in known and not enterprises(actor).filter(pk=found[2], names__name=name).exists():
        raise InputError(f"统一社会信用代码在名录中是“{found[0]}”，与“{name}”不符", remedy="请核对代码和名称")
    return code.strip().upper()


def unit_of(park: Park, data: Mapping[str, str], actor: Any) -> tuple[RentalUnit, bool]:
    """(unit, whether it was made or changed) of a building and number, made when it is not there. A known area is not
    overwritten by a lease list: a difference is refused."""
    number = data.get("_number", "").strip()
    if not number:
        raise InputError("没有写房号", remedy="请填房号；整栋出租的可写“整栋”")
    name = data.get("_building", "").strip() or "主楼"
    area = _area(data.get("_area"))
    building = Building.objects.filter(park=park, name=name).first()
    if building is None:
        building = services.create(kinds()["buildings"], {"park": park, "name": name}, actor, "文件导入")
    unit = RentalUnit.objects.filter(building=building, number=number).select_related("building__park").first()
    if unit is None:
        return services.create(kinds()["units"], {"building": building, "number": number, "area": area}, actor, "文件导入"), True
    if unit.withdrawn_at is not None or building.withdrawn_at is not None:
        raise InputError(f"房源“{name} {number}”已撤销", remedy="请先恢复房源")
    if area is not None and unit.area is None:
        return services.edit(unit, {"area": area}, actor, "文件导入"), True
    if area is not None and unit.area != area:
        raise InputError(f"面积 {area} 与房源登记的 {unit.area} 不符", remedy="请核对；面积有变的先改房源")
    return unit, False


def _area(text: str | None) -> Decimal | None:
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", "").removesuffix("㎡").removesuffix("平方米").strip())
    except InvalidOperation as error:
        raise InputError(f"面积“{text}”不是数") from error
    if not value.is_finite() or not 0 < value < 10**7 or value != round(value, 2):
        raise InputError(f"面积“{text}”不合常理", remedy="请填大于 0、最多两位小数的平方米数")
    return value


def standing(kind: Kind, values: Mapping[str, Any]) -> Any:
    """The row that stands with the same natural fields; enterprises compare by key when they have one."""
    wanted: dict[str, Any] = {}
    for name in kind.natural:
        value = values.get(name)
        key = {"name": "key", "parent_name": "parent_key"}.get(name, "")
        if values.get(key):
            wanted[key] = values[key]
        elif value is None:
            wanted[f"{name}__isnull"] = True
        else:
            wanted[name] = value
    return kind.model._default_manager.filter(withdrawn_at=None, **wanted).select_related(*kind.related).first()
