"""From files to documents: figures recompute from their rows, the gate blocks, 送阅稿 waits for its placeholders."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import docx
import pytest

from wenmai.base.documents import placeholders
from wenmai.base.values import Refused
from wenmai.office.figures import queries, snapshots
from wenmai.office.figures.models import Snapshot
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


SCRIPT = Path(__file__).with_name("recompute.py")


def recompute(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", str(SCRIPT), *map(str, words)], capture_output=True, text=True)


@pytest.mark.parametrize("kind", ["代拟稿", "核数稿", "送阅稿"])
def test_every_printed_number_recomputes_from_its_rows(district: Path, tmp_path: Path, kind: str) -> None:
    for slot in SLOTS:
        services.fill(slot, omitted=slot != "next", text="见工作台账。")
    document = services.draft(kind)
    rows = tmp_path / "rows"
    written = services.export_rows(document, rows)
    assert len(written) > 20
    paper = tmp_path / "paper.docx"
    paper.write_bytes(services.document_path(document).read_bytes())
    done = recompute(rows, paper)
    assert done.returncode == 0, done.stdout
    lineage = json.loads((rows / "lineage.json").read_text(encoding="utf-8"))
    assert done.stdout.strip().endswith(f"{len(lineage['figures'])} figures, 0 wrong")
    assert f"{6} coverage checks" in done.stdout
    assert ("culture.interval" in lineage["figures"]) == (kind == "核数稿")
    # Every number the document's list of figures names is among them: none is printed without a figure.
    assert {f["number"] for f in lineage["figures"].values()} - {None} == set(range(1, 1 + max(f["number"] or 0 for f in lineage["figures"].values())))


def test_the_script_is_not_blind(district: Path, tmp_path: Path) -> None:
    """One row less, one changed digit in the paper, an interval 3 % off: each is noticed."""
    document = services.draft("核数稿")
    rows = tmp_path / "rows"
    written = services.export_rows(document, rows)
    lineage = json.loads((rows / "lineage.json").read_text(encoding="utf-8"))
    assert recompute(rows).returncode == 0
    for part in ("value", "low", "high"):
        for factor in (0.97, 1.03):
            wrong = json.loads(json.dumps(lineage))
            figure = wrong["figures"]["culture.interval"]
            figure[part] = figure[part] * factor
            (rows / "lineage.json").write_text(json.dumps(wrong), encoding="utf-8")
            done = recompute(rows)
            assert done.returncode == 1 and f"('culture.interval', '{part}'" in done.stdout, (part, factor, done.stdout)
    (rows / "lineage.json").write_text(json.dumps(lineage), encoding="utf-8")
    longest = max(written, key=lambda p: p.stat().st_size)
    text = longest.read_text(encoding="utf-8")
    longest.write_text("".join(text.splitlines(keepends=True)[:-1]), encoding="utf-8")
    assert recompute(rows).returncode == 1
    longest.write_text(text, encoding="utf-8")
    other = tmp_path / "other.docx"
    services.fill("next", omitted=True)
    other.write_bytes(services.document_path(services.draft("代拟稿")).read_bytes())
    assert recompute(rows, other).returncode == 1  # lines of the 核数稿 that this paper lacks


def test_an_old_snapshot_keeps_its_interval(district: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish, let the site have another model: the old snapshot's figures stay the same to the last digit."""
    old = snapshots.latest()
    before = queries.figures(old)
    assert before["culture.interval"].low is not None
    model = classification.current_model()
    other = dataclasses.replace(model, version="site-test", calibration_edges=(0.3, 0.7), calibration_counts=((900, 1), (50, 25), (90, 88)))
    monkeypatch.setattr(classification, "current_model", lambda: other)
    queries._cache.clear()
    assert queries.figures(old) == before
    # The decisions in the register are still the old model's: a snapshot taken now does not mix the two.
    mixed = queries.figures(snapshots.publish())["culture.interval"]
    assert mixed.value is None and mixed.low is None and "尚未按现用模型识别" in mixed.definition
    assert mixed.extra["model"] == "site-test"


def test_a_snapshot_from_before_the_feature_has_no_interval(district: Path) -> None:
    old = snapshots.latest()
    facts = dict(old.facts)
    facts.pop("interval")
    Snapshot.objects.filter(pk=old.pk).update(facts=facts)
    queries._cache.clear()
    found = queries.figures(snapshots.latest())["culture.interval"]
    assert (found.value, found.low, found.high) == (None, None, None) and "未记录模型与校准" in found.definition
    text = text_of(services.document_path(services.draft("核数稿")))
    assert "区间未知：快照发布时未记录模型与校准" in text
    assert services.draft("核数稿").findings == []


def test_rows_are_conserved(district: Path) -> None:
    f = {k: v.value for k, v in queries.figures().items()}
    assert f["rows.total"] == f["rows.rejected"] + f["rows.repeat"] + f["units.total"]
    assert f["units.total"] == f["units.analysed"] + sum(f[f"units.excluded.{c}"] for c in ("gone", "moved", "outside", "branch", "nonfirm"))
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
