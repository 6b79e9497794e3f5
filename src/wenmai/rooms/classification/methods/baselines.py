"""Three simple rules to measure the classifier against."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.feature_extraction.text import TfidfVectorizer

from wenmai.base.standards.culture import culture_of
from wenmai.base.standards.gbt4754 import industries

NAME_WORDS = (
    "文化|传媒|传播|广告|影视|影业|艺术|设计|印刷|印务|工艺|饰品|玩具|文具|书店|图书|出版|娱乐|网吧|摄影|婚庆|会展|展览|动漫|"
    "游戏|创意|音乐|美术|书画|舞蹈|乐器|珠宝|演艺|演出|景区|公园"
)


def like_workflow(scopes: pl.Series, words: list[str]) -> npt.NDArray[np.bool_]:
    """The published report workflow: any of its words anywhere in the scope counts as culture."""
    pattern = "|".join(w for w in words if w)
    return scopes.fill_null("").str.contains(pattern).to_numpy()


def culture_word_in_name(names: pl.Series) -> npt.NDArray[np.bool_]:
    """A culture word anywhere in the name counts as culture."""
    return names.fill_null("").str.contains(NAME_WORDS).to_numpy()


def nearest_class_name(names: pl.Series, scopes: pl.Series) -> tuple[npt.NDArray[np.bool_], list[str]]:
    """Nearest GB/T class name by TF-IDF of characters 1-3 over name + scope; culture when that class is plain or
    starred. Returns the decision and the class of each row.
    """
    classes = industries("class")
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    targets = vectorizer.fit_transform([c.name for c in classes])
    texts = (names.fill_null("") + " " + scopes.fill_null("")).to_list()
    best = np.asarray((vectorizer.transform(texts) @ targets.T).argmax(axis=1)).ravel()
    codes = [classes[i].code for i in best.tolist()]
    return np.array([culture_of(c) is not None for c in codes]), codes
