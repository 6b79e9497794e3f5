"""Forms, rounds, returns and what was handed in; figures asked of their owners; imported reports; pocket cards."""

from django.conf import settings
from django.db import models

from wenmai.office.figures.models import Source
from wenmai.office.people.models import Organisation


class FormVersion(models.Model):
    """One version of a form as its text. Never edited: another text is another version."""

    slug = models.CharField("标识", max_length=40, db_index=True)
    number = models.PositiveIntegerField("版本")
    title = models.CharField("名称", max_length=80)
    text = models.TextField("表样")
    digest = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "表样"
        constraints = [models.UniqueConstraint(fields=["slug", "number"], name="one_form_version_once")]


class Round(models.Model):
    """表期: one form issued for one period."""

    form = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="rounds")
    slug = models.CharField("标识", max_length=40)
    period = models.CharField("时期", max_length=12)
    due = models.DateField("截止")
    actor_name = models.CharField(max_length=150, blank=True)
    issued_at = models.DateTimeField("布置时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "表期"
        constraints = [models.UniqueConstraint(fields=["slug", "period"], name="one_round_per_period")]


class State(models.TextChoices):
    """Where a return is."""

    WAITING = "待填", "待填"
    DRAFT = "草稿", "草稿"
    SUBMITTED = "已报", "已报"
    RETURNED = "退回", "退回"
    ACCEPTED = "已受理", "已受理"
    EXEMPT = "免报", "免报"


class Return(models.Model):
    """What one respondent owes for a round. `version` goes up with every change: a page that was opened on an older one
    cannot overwrite a newer one. `accepted` is the number of the submission whose values are facts."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="returns")
    kind = models.CharField("对象类别", max_length=12)
    key = models.CharField("对象标识", max_length=100)
    name = models.CharField("填报对象", max_length=120)
    street = models.CharField("街道", max_length=120, blank=True)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="returns")
    state = models.CharField("状态", max_length=4, choices=State, default=State.WAITING, db_index=True)
    version = models.PositiveIntegerField(default=1)
    draft = models.JSONField(default=dict)
    prefill = models.JSONField(default=dict)
    submissions_made = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(null=True)
    submitted_at = models.DateTimeField("报送时间", null=True)
    reason = models.CharField("理由", max_length=300, blank=True)
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "报表"
        constraints = [models.UniqueConstraint(fields=["round", "kind", "key"], name="one_return_each")]


class Submission(models.Model):
    """One handing in. Never edited. A late one that met a newer return is kept as 未采用, so nothing typed is lost."""

    report = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField("次")
    cells = models.JSONField("数值")
    explained = models.JSONField("说明", default=dict)
    places = models.JSONField("出处", default=dict)
    findings = models.JSONField("校核", default=list)
    unused = models.BooleanField("未采用", default=False)
    via = models.CharField("方式", max_length=10, default="网页")
    file_name = models.CharField("文件", max_length=255, blank=True)
    file_digest = models.CharField(max_length=64, blank=True)
    actor_name = models.CharField("填报人", max_length=150, blank=True)
    at = models.DateTimeField("时间", auto_now_add=True)
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT)

    class Meta:
        verbose_name = verbose_name_plural = "报送"
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="one_submission_once")]


class BureauTemplate(models.Model):
    """A workbook in the layout that a bureau asks for, with what its cells and names stand for."""

    name = models.CharField("名称", max_length=80, unique=True)
    file_name = models.CharField("文件", max_length=255)
    file_digest = models.CharField(max_length=64)
    named = models.JSONField("名称对应", default=dict)
    actor_name = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "报送模板"


class AskState(models.TextChoices):
    ASKED = "待答", "待答"
    ANSWERED = "待核", "待核"
    SIGNING = "核数中", "核数中"
    SIGNED = "已核", "已核"
    CANCELLED = "已撤", "已撤"


class Ask(models.Model):
    """要数: one figure asked of its owner. A new answer raises `answers`, and signatures of older answers stop counting."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="asks")
    code = models.CharField("指标", max_length=30)
    item = models.CharField("分项", max_length=40, blank=True)
    period = models.CharField("时期", max_length=12)
    kind = models.CharField("对象类别", max_length=12, default="area")
    key = models.CharField("对象", max_length=100, default="本区")
    lane = models.CharField("来源类", max_length=8)
    scope = models.CharField("口径", max_length=80)
    stage = models.CharField("版次", max_length=12, blank=True)
    unit = models.CharField("单位", max_length=20)
    purpose = models.CharField("用途", max_length=200)
    due = models.DateField("期限")
    state = models.CharField("状态", max_length=4, choices=AskState, default=AskState.ASKED, db_index=True)
    value = models.CharField("数值", max_length=40, blank=True)
    status = models.CharField("情况", max_length=4, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    slip_digest = models.CharField(max_length=64, blank=True)
    slip_name = models.CharField(max_length=255, blank=True)
    answers = models.PositiveIntegerField(default=0)
    answered_by = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField(null=True)
    chased = models.PositiveSmallIntegerField("催办次数", default=0)
    chased_at = models.DateTimeField(null=True)
    asked_by = models.CharField(max_length=150, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT)

    class Meta:
        verbose_name = verbose_name_plural = "要数"


class Signature(models.Model):
    """One step of the sign-off of an answer. It counts while `answer` is the newest answer of its request."""

    ask = models.ForeignKey(Ask, on_delete=models.PROTECT, related_name="signatures")
    answer = models.PositiveIntegerField()
    step = models.PositiveSmallIntegerField("环节")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    actor_name = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "核数签字"
        constraints = [models.UniqueConstraint(fields=["ask", "answer", "step"], name="one_signature_per_step")]


class Report(models.Model):
    """A report of an earlier year as it was imported: its paragraphs and the numbers found in them."""

    title = models.CharField("名称", max_length=255)
    file_digest = models.CharField(max_length=64)
    paragraphs = models.JSONField(default=list)
    period = models.CharField("改用时期", max_length=12)
    actor_name = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "旧汇报"


class Binding(models.Model):
    """One number of an imported report and the figure that a person has bound it to (empty `code`: not bound)."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="bindings")
    paragraph = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    raw = models.CharField(max_length=60)
    value = models.CharField(max_length=40)
    unit = models.CharField(max_length=20, blank=True)
    context = models.CharField(max_length=200)
    proposals = models.JSONField(default=list)
    code = models.CharField(max_length=30, blank=True)
    item = models.CharField(max_length=40, blank=True)
    lane = models.CharField(max_length=8, blank=True)
    scope = models.CharField(max_length=80, blank=True)
    confirmed_by = models.CharField(max_length=150, blank=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "数字对应"
        constraints = [models.UniqueConstraint(fields=["report", "paragraph", "start"], name="one_number_once")]


class Card(models.Model):
    """口袋数据卡: which figures stand on one page. The values are read when it is printed."""

    title = models.CharField("名称", max_length=60)
    lines = models.JSONField(default=list)
    actor_name = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "口袋数据卡"
