"""A branch knows whose it is: from its name, whether the parent is in the register, arrives later, or never."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenmai.rooms.registry import queries, services
from wenmai.rooms.registry.methods.branches import parent_names, parents
from wenmai.rooms.registry.models import Enterprise

HEAD = "企业名称,统一社会信用代码,企业类型,登记状态\n"
# Codes of uscc_test_vectors.csv that pass both checks.
A, B = "91440300708461136T", "914403001922038216"
HOME, BRANCH = "云岭甲乙文化传播有限公司", "云岭甲乙文化传播有限公司文澜分公司"


@pytest.mark.parametrize(
    ("name", "expected"),
    # Shapes seen in the real registers, with invented words.
    [
        (BRANCH, [HOME]),
        ("云岭银行股份有限公司文澜支行东门分理处", ["云岭银行股份有限公司"]),
        ("永丰(中国)有限公司云岭分公司", ["永丰(中国)有限公司"]),
        ("云岭实业公司广告策划分公司", ["云岭实业公司"]),
        ("云岭城北供销合作社杂货部", ["云岭城北供销合作社"]),
        ("云岭石化集团公司文澜石油有限公司东门加油站", ["云岭石化集团公司文澜石油有限公司"]),
        ("云岭律师事务所(普通合伙)文澜分所", ["云岭律师事务所(普通合伙)"]),
        ("甲乙股份有限公司丙丁有限公司戊店", ["甲乙股份有限公司丙丁有限公司", "甲乙股份有限公司"]),
        (HOME, []),
        ("云岭分公司", []),
        ("支公司营业部", []),
        ("云岭甲乙商务(有限公司文澜)分店", []),
        ("", []),
    ],
)
def test_the_parent_stands_at_the_head_of_the_name(name: str, expected: list[str]) -> None:
    assert parent_names(name) == expected


@given(st.text(st.sampled_from("云岭有限公司责任股份分支厂店(普通合伙)集团甲"), max_size=30))
def test_a_parent_is_a_true_beginning_of_the_name(name: str) -> None:
    for parent in parent_names(name):
        assert name.strip().startswith(parent) and len(parent) < len(name.strip())
        assert not parent.endswith(("分公司", "支公司", "分厂", "支厂"))


def test_a_name_borne_twice_links_to_nobody() -> None:
    branches = pl.DataFrame({"id": [1], "name": [BRANCH]})
    register = pl.DataFrame({"id": [2, 3], "name": [HOME, HOME]})
    nobody = pl.DataFrame(schema={"id": pl.Int64, "name": pl.Utf8})
    assert parents(branches, register, nobody).rows() == [(1, HOME, None)]
    assert parents(branches, register.head(1), nobody).rows() == [(1, HOME, 2)]
    assert parents(branches, nobody, register.tail(1)).rows() == [(1, HOME, 3)]


def write(path: Path, *rows: str) -> Path:
    path.write_text(HEAD + "".join(r + "\n" for r in rows), encoding="utf-8")
    return path


@pytest.mark.django_db(transaction=True)
def test_a_parent_that_arrives_later_is_linked_and_an_undo_unlinks_it(home: Path, tmp_path: Path) -> None:
    services.import_file(write(tmp_path / "a.csv", f"{BRANCH},{A},分公司,存续"))
    branch = Enterprise.objects.get(key=A)
    assert (branch.unit_type, branch.parent_name, branch.parent) == ("分支机构", HOME, None)
    second = services.import_file(write(tmp_path / "b.csv", f"{HOME},{B},有限责任公司,存续"))
    branch.refresh_from_db()
    assert branch.parent is not None and branch.parent.key == B
    assert [b.key for b in queries.branches(branch.parent)] == [A]
    services.undo(second.pk)
    branch.refresh_from_db()
    assert (branch.parent, branch.parent_name) == (None, HOME)


@pytest.mark.django_db(transaction=True)
def test_a_renamed_parent_is_found_by_its_former_name(home: Path, tmp_path: Path) -> None:
    services.import_file(write(tmp_path / "a.csv", f"{BRANCH},{A},分公司,存续", f"{HOME},{B},有限责任公司,存续"))
    services.import_file(write(tmp_path / "b.csv", f"云岭丙丁数字科技有限公司,{B},有限责任公司,存续"))
    branch = Enterprise.objects.select_related("parent").get(key=A)
    assert branch.parent is not None and branch.parent.name == "云岭丙丁数字科技有限公司"


@pytest.mark.django_db(transaction=True)
def test_a_unit_that_is_no_branch_any_more_has_no_parent(home: Path, tmp_path: Path) -> None:
    services.import_file(write(tmp_path / "a.csv", f"{BRANCH},{A},分公司,存续", f"{HOME},{B},有限责任公司,存续"))
    services.import_file(write(tmp_path / "b.csv", f"云岭戊己商贸有限公司,{A},有限责任公司,存续"))
    unit = Enterprise.objects.get(key=A)
    assert (unit.unit_type, unit.parent, unit.parent_name) == ("企业法人", None, None)


@pytest.mark.django_db(transaction=True)
def test_a_link_to_a_parent_brings_no_branch_into_the_units_analysed(home: Path, tmp_path: Path) -> None:
    from wenmai.rooms.registry.methods.population import exclusion

    services.import_file(write(tmp_path / "a.csv", f"{BRANCH},{A},分公司,存续", f"{HOME},{B},有限责任公司,存续"))
    rows = Enterprise.objects.order_by("id").values_list("key", "status", "district", "unit_type")
    frame = pl.DataFrame(list(rows), schema=["key", "status", "district", "unit_type"], orient="row", schema_overrides={"district": pl.Utf8})
    kept = frame.with_columns(exclusion(None).alias("why"))
    assert kept.select("key", "why").rows() == [(A, "分支机构"), (B, None)]
