"""Closed vocabularies of the register, as Django wants them; those the methods use stand in `methods.vocabulary`."""

from django.db import models

from wenmai.rooms.registry.methods import vocabulary
from wenmai.rooms.registry.methods.vocabulary import FIELD_LABELS, VALUE_FIELDS

__all__ = ["FIELD_LABELS", "VALUE_FIELDS", "BatchKind", "BatchState", "NameKind", "Outcome"]


class BatchState(models.TextChoices):
    """How far a batch has come; each step is atomic and can be taken again after a crash."""

    RECEIVED = "received", "已接收"
    STAGED = "staged", "已暂存"
    PUBLISHED = "published", "已入库"
    UNDONE = "undone", "已撤销"
    ABANDONED = "abandoned", "已放弃"


class BatchKind(models.TextChoices):
    IMPORT = "import", "导入"
    UNDO = "undo", "撤销"


class Outcome(models.TextChoices):
    """The one end of every row of every file."""

    CREATED = vocabulary.Outcome.CREATED.value, vocabulary.OUTCOME_LABELS[vocabulary.Outcome.CREATED]
    UPDATED = vocabulary.Outcome.UPDATED.value, vocabulary.OUTCOME_LABELS[vocabulary.Outcome.UPDATED]
    UNCHANGED = vocabulary.Outcome.UNCHANGED.value, vocabulary.OUTCOME_LABELS[vocabulary.Outcome.UNCHANGED]
    DUPLICATE = vocabulary.Outcome.DUPLICATE.value, vocabulary.OUTCOME_LABELS[vocabulary.Outcome.DUPLICATE]
    REJECTED = vocabulary.Outcome.REJECTED.value, vocabulary.OUTCOME_LABELS[vocabulary.Outcome.REJECTED]


class NameKind(models.TextChoices):
    FORMER = vocabulary.FORMER, "曾用名"
    VARIANT = vocabulary.VARIANT, "异名"
