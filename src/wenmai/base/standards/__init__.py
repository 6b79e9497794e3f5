"""The national tables (base/standards): package data with edition and source, and the questions asked of
them.

Codes are text everywhere. `pending()` lists what is 待确认; the interface shows it beside every figure that
uses it.
"""

from . import uscc
from .crosswalk import (
    Correspondence,
    CultureMajor2012,
    culture_majors_2012,
    gbt_2011_to_2017,
    gbt_amendment_2019,
    gbt_crosswalk,
)
from .culture import (
    CultureClass,
    CultureEntry,
    culture_entries,
    culture_majors,
    culture_middles,
    culture_of,
    culture_small,
    culture_smalls,
    new_forms,
    starred,
)
from .edition import Edition, detect_edition
from .gbt4754 import (
    Industry,
    ancestors,
    division_name,
    find_division,
    find_section,
    industries,
    industry,
    normalise_code,
)
from .ich import IchCategory, IchItem, ich_categories, ich_items, ich_of
from .lists import (
    PolicyClass,
    TourismClass,
    digital_culture_ningbo,
    strategic_major8,
    tourism_unverified,
)
from .occupations import Occupation, occupation, occupations
from .phrases import ScopePhrase, scope_phrase, scope_phrases
from .regtypes import (
    RegistrationType,
    registration_type,
    registration_types,
    registration_types_named,
    registration_unit_type,
)
from .scopes import (
    EXAMPLE_NAME,
    CodePlan,
    ScopeList,
    ScopeRule,
    ScopeVerdict,
    example_scope_bytes,
    example_scope_list,
    load_scope_list,
    parse_scope_list,
    read_scope_bytes,
    scope_label,
)
from .size import SizeBand, SizeRule, size_band, size_rules
from .tables import Pending, TableInfo, pending, table, tables
from .threshold import AboveScale, ThresholdRule, above_scale, threshold_rules
from .uscc import UsccResult

__all__ = [
    "EXAMPLE_NAME",
    "AboveScale",
    "CodePlan",
    "Correspondence",
    "CultureClass",
    "CultureEntry",
    "CultureMajor2012",
    "Edition",
    "IchCategory",
    "IchItem",
    "Industry",
    "Occupation",
    "Pending",
    "PolicyClass",
    "RegistrationType",
    "ScopeList",
    "ScopePhrase",
    "ScopeRule",
    "ScopeVerdict",
    "SizeBand",
    "SizeRule",
    "TableInfo",
    "ThresholdRule",
    "TourismClass",
    "UsccResult",
    "above_scale",
    "ancestors",
    "culture_entries",
    "culture_majors",
    "culture_majors_2012",
    "culture_middles",
    "culture_of",
    "culture_small",
    "culture_smalls",
    "detect_edition",
    "digital_culture_ningbo",
    "division_name",
    "example_scope_bytes",
    "example_scope_list",
    "find_division",
    "find_section",
    "gbt_2011_to_2017",
    "gbt_amendment_2019",
    "gbt_crosswalk",
    "ich_categories",
    "ich_items",
    "ich_of",
    "industries",
    "industry",
    "load_scope_list",
    "new_forms",
    "normalise_code",
    "occupation",
    "occupations",
    "parse_scope_list",
    "pending",
    "read_scope_bytes",
    "registration_type",
    "registration_types",
    "registration_types_named",
    "registration_unit_type",
    "scope_label",
    "scope_phrase",
    "scope_phrases",
    "size_band",
    "size_rules",
    "starred",
    "strategic_major8",
    "table",
    "tables",
    "threshold_rules",
    "tourism_unverified",
    "uscc",
]
