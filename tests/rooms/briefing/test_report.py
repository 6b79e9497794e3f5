"""From files to documents: figures recompute from their rows, the gate blocks, 送阅稿 waits for its placeholders."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import docx
import pytest

from wenmai.base.documents import placeholders
from wenmai.base.values import Refused
from wenmai.office.figures import queries, snapshots
from wenmai.rooms.briefing import services
from wenmai.rooms.briefing.methods.skeleton import SLOTS
from wenmai.rooms.classification import services as classification
from wenmai.rooms.classification.models import Decision
from wenmai.rooms.registry import services as registry
from wenmai.samples import write_district

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def district(home: Path, tmp_path: Path) -> Path:
    (home / "site.json").write_text(json.dumps({"district": "文澜区"}), encoding="utf-8")
    for path in write_district(tmp_path / "sample", 600):
        registry.import_file(path, provider="区市场监管局")
    classification.run()
    snapshots.publish()
    return home


def text_of(path: Path) -> str:
    return "\n".join(p.text for p in docx.Document(str(path)).paragraphs)


def test_every_figure_recomputes_from_its_rows(district: Path, tmp_path: Path) -> None:
    document = services.draft("核数稿")
    written = services.export_rows(document, tmp_path / "rows")
    assert len(written) > 20
    script = Path(__file__).with_name("recompute.py")
    done = subprocess.run([sys.executable, "-I", str(script), str(tmp_path / "rows")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    lineage = json.loads((tmp_path / "rows" / "lineage.json").read_text(encoding="utf-8"))
    assert done.stdout.strip().endswith(f"{len(lineage['figures'])} figures, 0 wrong")
    # The script is not blind: one row less is noticed.
    longest = max(written, key=lambda p: p.stat().st_size)
    longest.write_text("".join(longest.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    assert subprocess.run([sys.executable, "-I", str(script), str(tmp_path / "rows")], capture_output=True).returncode == 1


def test_rows_are_conserved(district: Path) -> None:
    f = {k: v.value for k, v in queries.figures().items()}
    assert f["rows.total"] == f["rows.rejected"] + f["rows.repeat"] + f["units.total"]
    assert f["units.total"] == f["units.analysed"] + sum(f[f"units.excluded.{c}"] for c in ("gone", "outside", "branch", "nonfirm"))
    assert f["culture.identified"] == f["culture.whole"] + f["culture.partial"] == f["culture.core"] + f["culture.related"]
    assert f["culture.identified"] == sum(v for k, v in f.items() if k.startswith("culture.major.") and ".share" not in k)


def test_checker_finds_nothing_wrong_and_scope_is_named(district: Path) -> None:
    document = services.draft("代拟稿")
    assert [f for f in document.findings if f["severity"] == "error"] == []
    text = text_of(services.document_path(document))
    assert "不可比、不可相加" in text and "认定" not in text


def test_clean_copy_waits_for_placeholders(district: Path) -> None:
    with pytest.raises(Refused, match="未填"):
        services.draft("送阅稿")
    for slot in SLOTS:
        services.fill(slot, omitted=slot not in ("office", "measures", "next"), text="区文创办" if slot == "office" else "见工作台账。")
    path = services.document_path(services.draft("送阅稿"))
    assert placeholders(path) == [] and "【" not in text_of(path)
    services.unfill("next")
    with pytest.raises(Refused, match="1 处"):
        services.draft("送阅稿")


def test_without_status_no_words_of_stock(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(f"云岭第{i}号文化传播有限公司,,20{10 + i % 10}-01-01,广告设计,甲路{i}号\n" for i in range(200))
    path.write_text("企业名称,统一社会信用代码,注册日期,经营范围,注册地址\n" + rows, encoding="utf-8")
    registry.import_file(path)
    classification.run()
    snapshot = snapshots.publish()
    gate = {g["id"]: g["open"] for g in snapshot.facts["gate"]}
    assert gate["status"] is False and gate["street"] is False
    text = text_of(services.document_path(services.draft("代拟稿")))
    assert "名录未载登记状态" in text and "现有" not in text and "共有" not in text
    assert "分街道" not in text


def test_a_review_survives_reimport_and_retraining(district: Path, tmp_path: Path) -> None:
    decision = Decision.objects.filter(outcome="非文化").select_related("enterprise").first()
    assert decision is not None
    key = decision.enterprise.key
    classification.decide(key, "全部计入类", "0311", "实地走访")
    for path in write_district(tmp_path / "sample", 600):
        registry.import_file(path)
    classification.run(everything=True)
    after = Decision.objects.get(enterprise__key=key)
    assert (after.outcome, after.decided_by, after.small_code) == ("全部计入类", "人工核定", "0311")
