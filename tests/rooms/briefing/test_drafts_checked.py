"""The checker on drafts that the pipeline itself wrote: mutated as people mistype, respelled as people write."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from wenmai.office.figures import queries, snapshots
from wenmai.rooms.briefing import services
from wenmai.rooms.briefing.methods import checking
from wenmai.rooms.classification import services as classification
from wenmai.rooms.registry import services as registry
from wenmai.samples import write_district

pytestmark = pytest.mark.django_db(transaction=True)


def load_mutations() -> Any:
    spec = importlib.util.spec_from_file_location("briefing_mutations", Path(__file__).with_name("mutations.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def district(home: Path, folder: Path, size: int, seed: int) -> Any:
    (home / "site.json").write_text(json.dumps({"district": "文澜区"}), encoding="utf-8")
    for path in write_district(folder, size, seed):
        registry.import_file(path, provider="区市场监管局")
    classification.run()
    return snapshots.publish()


def printer(snapshot: Any, kind: str) -> Any:
    return lambda figures: services.printed(kind, snapshot, figures, "2026年1月31日")[0]


@pytest.mark.parametrize(("size", "seed", "kind"), [(300, 11, "核数稿"), (1200, 12, "核数稿"), (700, 13, "代拟稿")])
def test_mutations_of_drafts_are_caught(home: Path, tmp_path: Path, size: int, seed: int, kind: str) -> None:
    """The brief: ≥ 95 % of mutations of the drafts caught, ≤ 2 % false alarms; 500 in all over three drafts."""
    snapshot = district(home, tmp_path, size, seed)
    figures = queries.figures(snapshot)
    found = load_mutations().measure(
        [(figures, printer(snapshot, kind))], lambda report, f: checking.findings(report, f, snapshot.facts), 168, seed
    )
    assert sum(found["tried"].values()) == 168 and len(found["tried"]) >= 24
    assert found["share"] >= 0.95, found["missed"]
    assert found["alarms"] <= 0.02, found["alarm_examples"]


AUTHORED = [
    # text, rules of errors, numbers listed as 未挂数字
    ("引进文化企业项目一批，三是加强统筹。", set(), 0),
    ("2024年举办活动12场，带动消费3.5亿元。", set(), 2),
    ("我区文化企业{wrong}家。", {"conflicting_number"}, 1),
    ("目前文化企业已达{wrong_chinese}家。", {"conflicting_number"}, 1),
    ("文化企业{right}家。", set(), 1),
    ("文化企业约{around}家。", set(), 1),
    ("其中规上文化企业50家。", set(), 1),
    ("新增文化企业30家。", set(), 1),
    ("文化企业营业收入500万元。", set(), 1),
    ("依据《文化产业促进办法》（2023）第12条，“十四五”期间推进。", set(), 0),
    ("增速翻一番，占比近四成。", set(), 2),
]


def test_numbers_in_authored_text(home: Path, tmp_path: Path) -> None:
    """Listed when bound to nothing; an error only when they contradict a figure of the same name."""
    mutations = load_mutations()
    snapshot = district(home, tmp_path, 600, 5)
    count = int(queries.figures(snapshot)["culture.identified"].value or 0)
    words = {
        "wrong": str(count + 88), "wrong_chinese": mutations.numeral(count + 88), "right": str(count), "around": str(round(count, -1)),
    }  # fmt: skip
    assert count >= 20
    for text, rules, unbound in AUTHORED:
        services.fill("measures", text.format(**words))
        document = services.draft("核数稿")
        errors = {f["rule"] for f in document.findings if f["severity"] == "error"}
        listed = [f for f in document.findings if f["rule"] == "unbound_number"]
        assert (errors, len(listed)) == (rules, unbound), (text, document.findings)
        assert all(f["severity"] == "warning" and "【未挂数字】" in f["message"] for f in listed)
        if text.startswith("2024年举办"):
            import docx

            cells = {c.text for t in docx.Document(str(services.document_path(document))).tables for r in t.rows for c in r.cells}
            assert any("【未挂数字】" in c and "3.5亿元" in c for c in cells)
