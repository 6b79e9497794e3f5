"""Training a site model, keeping it, and the baselines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from wenmai.base.standards.gbt4754 import industries, industry
from wenmai.base.values.errors import InputError
from wenmai.rooms.classification.methods.baselines import culture_word_in_name, like_workflow, nearest_class_name
from wenmai.rooms.classification.methods.classify import classify
from wenmai.rooms.classification.methods.division import predict_division, with_industry, with_shipped_divisions
from wenmai.rooms.classification.methods.model import Model, load_shipped
from wenmai.rooms.classification.methods.train import fit_offset, train


def labelled() -> pl.DataFrame:
    """Reviewed rows of an imagined place where 青坊 firms are cultural although their words do not say so."""
    rows = []
    for i in range(30):
        rows.append((f"甲{i}青坊有限公司", f"青坊器物订制；第{i}类", "yes", "24"))
        rows.append((f"乙{i}粮油有限公司", f"粮油销售；第{i}类", "no", "51"))
    return pl.DataFrame(rows, schema=["name", "scope", "culture", "gbt_division"], orient="row")


def test_site_model_learns_local_words_and_keeps_the_rest() -> None:
    base = load_shipped()
    site = train(labelled(), base)
    probe = pl.DataFrame({"name": ["丙九青坊有限公司", "某市青禾广告有限公司"], "scope": ["青坊器物订制", "广告发布"]})
    before, after = classify(probe, base)["probability"], classify(probe, site)["probability"]
    assert before[0] < 0.5 < after[0]
    assert after[1] > 0.9
    assert site.version.startswith("site-")
    assert site.version != train(labelled().head(50), base).version
    assert sum(rows for rows, _ in site.calibration_counts) == 60


def test_model_round_trip_without_executable_content(tmp_path: Path) -> None:
    site = train(labelled(), load_shipped())
    site.save(tmp_path / "m")
    assert sorted(p.name for p in (tmp_path / "m").iterdir()) == ["arrays.npz", "model.json"]
    again = Model.load(tmp_path / "m")
    probe = labelled().select("name", "scope")
    assert classify(probe, again).equals(classify(probe, site))
    assert predict_division(probe, again).to_list() == labelled()["gbt_division"].to_list()


def test_training_refuses_what_it_cannot_use(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="太少"):
        train(labelled().head(4), load_shipped())
    with pytest.raises(InputError, match="scope"):
        train(labelled().drop("scope"), load_shipped())
    with pytest.raises(InputError, match="没有找到"):
        Model.load(tmp_path)
    with pytest.raises(InputError, match="未训练行业大类"):
        predict_division(labelled(), load_shipped())


def test_offset_regression_finds_the_optimum() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    y = rng.uniform(size=200) < 1 / (1 + np.exp(-(x @ [1.0, -1.0, 0.0] + 0.5)))
    theta = fit_offset(sparse.csr_matrix(x), y, np.zeros(200), np.ones(200), penalty=2.0)
    p = 1 / (1 + np.exp(-(x @ theta[:-1] + theta[-1])))
    slope = x.T @ (p - y) + 2.0 * theta[:-1]
    assert np.abs(slope).max() < 1e-2


def test_baselines() -> None:
    names = pl.Series(["甲文化有限公司", "乙粮油店", None])
    scopes = pl.Series(["舞蹈培训", "酒店管理", None])
    assert like_workflow(scopes, ["舞蹈", "酒店"]).tolist() == [True, True, False]
    assert culture_word_in_name(names).tolist() == [True, False, False]
    hit, codes = nearest_class_name(pl.Series(["", ""]), pl.Series(["图书出版", "稻谷种植"]))
    assert codes == ["8621", "0111"]
    assert hit.tolist() == [True, False]


def test_shipped_divisions_come_from_the_standard_own_words() -> None:
    model = with_shipped_divisions(load_shipped())
    assert len(model.divisions) == 97
    assert with_shipped_divisions(model) is model
    classes = list(industries("class"))
    frame = pl.DataFrame({"name": [""] * len(classes), "scope": [i.name for i in classes]})
    own = predict_division(frame, model) == pl.Series([i.code[:2] for i in classes])
    assert len(classes) == 1382
    assert own.mean() > 0.95
    assert predict_division(frame.head(2).with_columns(name=pl.lit(None, pl.Utf8)), model).to_list() == ["01", "01"]


def test_every_row_gets_a_division_and_says_where_it_is_from() -> None:
    frame = pl.DataFrame(
        {
            "name": ["某市青禾粮油有限公司", "某市青禾广告有限公司", "某市青禾有限公司", None],
            "scope": ["粮油销售", "广告设计", "稻谷种植", None],
            "industry_code": ["5121", None, None, None],
            "industry_text": [None, None, None, "零售业"],
        }
    )
    model = with_shipped_divisions(load_shipped())
    out = with_industry(frame, classify(frame, model), model)
    assert out["gbt_division"].to_list() == ["51", "72", "01", "52"]
    assert out["gbt_division_basis"].to_list() == ["登记", "小类", "预测", "登记"]
    assert out["gbt_division_name"].to_list() == [industry(c).name for c in ("51", "72", "01", "52")]
    for division, code, name in out.select("gbt_division", "gbt_code", "gbt_name").iter_rows():
        assert code is None or (code.startswith(division) and industry(code).name == name)
    assert out["gbt_code"].to_list()[:2] == ["5121", "7259"]
