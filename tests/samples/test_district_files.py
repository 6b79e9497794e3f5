"""The sample district: determinism to the byte, file shapes, and the kinds and shares of dirt promised."""

import csv
import io
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from wenmai.base.standards import uscc
from wenmai.base.values.errors import InputError
from wenmai.samples import write_district
from wenmai.samples.units import District
from wenmai.samples.words import parks, words

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_district(tmp_path_factory.mktemp("district"))


@pytest.fixture(scope="module")
def register(written: list[Path]) -> Rows:
    return list(csv.DictReader(io.StringIO(written[0].read_bytes().decode("gb18030"))))


def share(rows: Rows, column: str, values: set[str]) -> float:
    return sum(row[column] in values for row in rows) / len(rows)


def test_register_is_gb18030_with_crlf(written: list[Path]) -> None:
    raw = written[0].read_bytes()
    assert raw.count(b"\n") == raw.count(b"\r\n") > 3000
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_same_seed_gives_the_same_bytes_under_another_hash_seed(tmp_path: Path) -> None:
    first = write_district(tmp_path / "a", 200, seed=5)
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "12345",
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
    }
    command = [
        sys.executable,
        "-m",
        "wenmai.samples",
        str(tmp_path / "b"),
        "--enterprises",
        "200",
        "--seed",
        "5",
    ]
    subprocess.run(command, check=True, env=environment, capture_output=True)
    for path in first:
        assert (tmp_path / "b" / path.name).read_bytes() == path.read_bytes(), path.name


def test_another_seed_gives_another_register(tmp_path: Path) -> None:
    assert (
        write_district(tmp_path / "a", 50, seed=1)[0].read_bytes()
        != write_district(tmp_path / "b", 50, seed=2)[0].read_bytes()
    )


def test_about_85_percent_of_codes_are_valid_and_all_bad_kinds_occur(register: Rows) -> None:
    codes = [row["统一社会信用代码"] for row in register]
    valid = [code for code in codes if uscc.check(code).ok]
    assert 0.83 <= len(valid) / len(codes) <= 0.89
    assert all(uscc.check(code).org_code_ok for code in valid)
    assert {code[2:8] for code in valid} == {"999901"}
    assert {code[:2] for code in valid} >= {"91", "92", "93", "81"}
    assert any(len(code) == 15 and code.isdigit() for code in codes)
    assert any(len(code) == 18 and not uscc.check(code).ok for code in codes)
    assert {"", "-", "空", "不详"} <= set(codes)


def test_shares_of_missing_values(register: Rows) -> None:
    nothing = {"", "-", "空", "不详"}
    assert 0.36 <= share(register, "行业代码", nothing) <= 0.44
    assert 0.02 <= share(register, "登记状态", {"", "-"}) <= 0.045
    assert 0.25 <= share(register, "企业类型", {"N/A"}) <= 0.35
    assert {"注销", "吊销", "吊销，未注销", "迁出"} <= {row["登记状态"] for row in register}


def test_industry_codes_come_coarse_as_floats_and_of_the_2011_edition(register: Rows) -> None:
    found = {row["行业代码"] for row in register}
    assert any(len(code) == 2 and code.isdigit() for code in found)
    assert any(code.endswith(".0") for code in found)
    assert found & {"8911", "6591", "7240", "6510", "7292"}


@pytest.mark.parametrize("ending", ["(万)", "(万人民币元)", "(万元人民币)", "万人民币", "万美元"])
def test_capital_spellings(register: Rows, ending: str) -> None:
    assert any(row["注册资金"].endswith(ending) for row in register)


def test_capital_with_thousands_separator_and_addresses_with_wide_digits(register: Rows) -> None:
    assert any("," in row["注册资金"] for row in register)
    assert any(set(row["注册地址"]) & set("０１２３４５６７８９") for row in register)


def test_repeated_codes_with_the_same_and_with_another_name(register: Rows) -> None:
    names: dict[str, list[str]] = {}
    for row in register:
        if uscc.check(row["统一社会信用代码"]).ok:
            names.setdefault(row["统一社会信用代码"], []).append(row["企业名称"])
    repeated = [group for group in names.values() if len(group) > 1]
    assert sum(len(set(group)) == 1 for group in repeated) >= 20
    assert sum(len(set(group)) > 1 for group in repeated) >= 20


def test_culture_units_are_about_18_percent_over_nine_classes_with_starred_ones() -> None:
    district = District(20260101)
    units = [district.draw() for _ in range(3000)]
    culture = [unit for unit in units if unit.trade.major]
    assert 0.155 <= len(culture) / len(units) <= 0.205
    assert set(Counter(unit.trade.major for unit in culture)) == {f"0{n}" for n in range(1, 10)}
    assert sum(unit.trade.starred for unit in culture) >= 30
    assert len({unit.code for unit in units}) == len({unit.name for unit in units}) == 3000


def test_every_name_carries_the_invented_place() -> None:
    district = District(3)
    assert all(district.draw().name.startswith(("云岭", "文澜", "示例省")) for _ in range(500))
    assert words()["province"] == "示例省"
    assert sum(park.level == "省级" for park in parks()) == 2


def test_park_ledger_has_title_merged_head_and_tenants_without_code(written: list[Path]) -> None:
    sheet = openpyxl.load_workbook(written[1])["入驻企业"]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A1:K1", "B2:B3", "C2:E2", "F2:H2"} <= merged
    assert sheet["B2"].value == "所属园区"
    assert sheet["F3"].value == "营业收入\n（万元）"
    tenants = [row for row in sheet.iter_rows(min_row=4, values_only=True) if isinstance(row[0], int)]
    assert 270 <= len(tenants) <= 300
    assert sum(row[3] in (None, "") for row in tenants) >= 50
    assert {row[1] for row in tenants} >= {park.name for park in parks()}


def test_some_tenants_are_misspelt(written: list[Path], register: Rows) -> None:
    names = {row["企业名称"] for row in register}
    sheet = openpyxl.load_workbook(written[1], read_only=True)["入驻企业"]
    tenants = [str(r[2]) for r in sheet.iter_rows(min_row=4, values_only=True) if isinstance(r[0], int)]
    assert 5 <= sum(name not in names for name in tenants) <= 45


def test_supplement_marks_not_found_and_glues_industry_name_and_code(written: list[Path]) -> None:
    rows = list(openpyxl.load_workbook(written[2], read_only=True)["Sheet1"].iter_rows(values_only=True))
    assert "统一社会\n信用代码" in rows[0]
    assert len(rows) == 1201
    assert any(row[3] == "空" for row in rows[1:])
    assert any(str(row[8]).endswith("72") and str(row[8]).startswith("商务服务业") for row in rows[1:])


def test_too_few_enterprises_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="至少 20"):
        write_district(tmp_path, 3)
