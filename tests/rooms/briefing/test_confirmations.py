"""Confirming figures: it holds for one value of one snapshot, is seen in the 核数稿, and blocks nothing."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import docx
import pytest
from django.test import Client

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events.models import Event
from wenmai.office.figures import queries as figure_queries
from wenmai.office.figures import snapshots
from wenmai.office.files import store
from wenmai.office.people.models import Role, User
from wenmai.rooms.briefing import queries, services
from wenmai.rooms.briefing.methods import confirming
from wenmai.rooms.briefing.models import Confirmation, Step
from wenmai.rooms.classification import services as classification
from wenmai.rooms.registry import services as registry
from wenmai.samples import write_district

pytestmark = pytest.mark.django_db(transaction=True)
PDF = b"%PDF-1.4\n%stamped"


@pytest.fixture
def district(home: Path, tmp_path: Path) -> Path:
    (home / "site.json").write_text(json.dumps({"district": "文澜区"}), encoding="utf-8")
    for path in write_district(tmp_path / "sample", 400):
        registry.import_file(path, provider="区市场监管局")
    classification.run()
    snapshots.publish()
    services.draft("代拟稿")
    return home


@pytest.fixture
def people(district: Path) -> dict[str, User]:
    return {r.value: User.objects.create_user(r.value, password="correct-horse-battery", role=r) for r in Role}


def state_of(figure_id: str) -> str:
    return next(line["state"] for line in queries.confirmation_lines(queries.newest()) if line["id"] == figure_id)


def evidence() -> dict[str, str]:
    """Title → 确认 of the 核数表 of a new 核数稿."""
    tables = docx.Document(str(services.document_path(services.draft("核数稿")))).tables
    table = next(t for t in tables if t.rows[0].cells[-1].text == "确认")
    return {row.cells[1].text: row.cells[-1].text for row in table.rows[1:]}


@dataclasses.dataclass
class Said:
    """A confirmation as the pure rule sees it."""

    value: str
    snapshot_digest: str
    step: int
    pk: int


def test_a_confirmation_holds_for_value_and_snapshot() -> None:
    """The brief: exactly the value and the snapshot; another value later → 待重新确认."""
    said = [Said("12", "a", 1, 1), Said("12", "a", 3, 2), Said("11", "z", 4, 3)]
    found = confirming.state("12", "a", said)
    assert (found.state, found.confirmed, found.confirmation.pk) == ("已确认", True, 2)  # the highest step is shown
    assert confirming.state("12", "b", said).state == "待续认" and not confirming.state("12", "b", said).confirmed
    assert confirming.state("13", "b", said).state == confirming.state("13", "a", said).state == "待重新确认"
    assert confirming.state("12", "a", []).state == "未确认"


def test_confirm_shows_in_the_evidence_and_is_recorded(district: Path, people: dict[str, User]) -> None:
    before = Event.objects.filter(verb="briefing.figures.confirmed").count()
    made = services.confirm(["culture.identified", "units.total"], Step.SECTION, "与台账核对", actor=people["reviewer"])
    assert [c.value for c in made] == [figure_queries.figures()[i].text() for i in ("culture.identified", "units.total")]
    assert Event.objects.filter(verb="briefing.figures.confirmed").count() == before + 1
    column = evidence()
    assert column["识别为文化企业"].startswith("reviewer ") and column["识别为文化企业"].endswith(" 科长")
    assert column["待核定"] == "未确认"
    missing, total = queries.unconfirmed(queries.newest())
    assert total == len(column) and missing == total - 2
    assert services.confirm(["units.total"], Step.SECTION, actor=people["reviewer"]) == []  # said already
    services.withdraw(made[0].pk, people["editor"])
    assert state_of("culture.identified") == "未确认" and Confirmation.objects.count() == 2
    with pytest.raises(Refused, match="已经撤回"):
        services.withdraw(made[0].pk)


def test_a_later_snapshot_with_another_value_asks_again(district: Path, people: dict[str, User]) -> None:
    services.confirm(["culture.identified", "rows.total"], actor=people["editor"])
    assert state_of("culture.identified") == state_of("rows.total") == "已确认"
    old = queries.printed_figures(queries.newest())["culture.identified"]["printed"]
    counted = figure_queries.trace("culture.identified")["key"][0].as_py()
    classification.decide(counted, "非文化", None, "实地走访")
    snapshots.publish()
    services.draft("代拟稿")
    assert state_of("culture.identified") == "待重新确认" and state_of("rows.total") == "待续认"
    said = evidence()["识别为文化企业"]
    assert said.startswith(f"待重新确认（原 {old}，editor ")


def test_slips_are_checked_and_kept(district: Path, people: dict[str, User], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = tmp_path / "slip.pdf"
    good.write_bytes(PDF)
    (made,) = services.confirm(["units.total"], slip=good, actor=people["editor"])
    assert store.path_of(made.slip_digest).read_bytes() == PDF and made.slip_name == "slip.pdf"
    for name, content, said in (("a.exe", PDF, "不能是"), ("a.png", PDF, "不符"), ("a.pdf", b"", "不符")):
        bad = tmp_path / name
        bad.write_bytes(content)
        with pytest.raises(InputError, match=said):
            services.confirm(["units.total"], slip=bad)
    monkeypatch.setattr(services, "SLIP_LIMIT", 3)
    with pytest.raises(InputError, match="超过上限"):
        services.confirm(["units.total"], slip=good)
    assert Confirmation.objects.count() == 1


@pytest.mark.parametrize("role", ["reader", "auditor", "admin"])
def test_others_may_not(people: dict[str, User], role: str) -> None:
    with pytest.raises(Refused, match="确认数字需要角色"):
        services.confirm(["units.total"], actor=people[role])
    assert Confirmation.objects.count() == 0


def test_unknown_figures_are_refused(district: Path) -> None:
    with pytest.raises(NotFound, match=r"no\.such"):
        services.confirm(["units.total", "no.such"])
    with pytest.raises(NotFound, match="没有选"):
        services.confirm([])
    assert Confirmation.objects.count() == 0


def test_page_filters_confirms_in_bulk_and_withdraws(people: dict[str, User], tmp_path: Path) -> None:
    client = Client()
    client.force_login(people["editor"])
    page = client.get("/briefing/figures")
    total, open_ = page.context["total"], page.context["open"]
    assert total == open_ > 20
    slip = tmp_path / "确认单.pdf"
    slip.write_bytes(PDF)
    with slip.open("rb") as handle:
        data: dict[str, Any] = {"figure": ["units.total", "rows.total"], "step": "2", "note": "已核", "slip": handle}
        assert client.post("/briefing/confirm", data).status_code == 302
    page = client.get("/briefing/figures?state=open")
    assert page.context["open"] == total - 2 == len(page.context["lines"])
    assert "units.total" not in {line["id"] for line in page.context["lines"]}
    text = client.get("/briefing/figures?state=已确认").content.decode()
    assert "editor ·" in text and "科长" in text and "已核" in text and "确认单.pdf" in text
    made = Confirmation.objects.get(figure_id="units.total")
    assert b"".join(client.get(f"/briefing/confirmations/{made.pk}/slip").streaming_content) == PDF  # type: ignore[attr-defined]
    client.post(f"/briefing/confirmations/{made.pk}/withdraw")
    assert client.get("/briefing/figures").context["open"] == total - 1
    bad = client.post("/briefing/confirm", {"figure": ["units.total"], "step": "9"}, follow=True)
    assert "没有这一环节" in bad.content.decode() and Confirmation.objects.count() == 2


def test_clean_copy_is_not_blocked_but_its_page_counts(people: dict[str, User]) -> None:
    from wenmai.rooms.briefing.methods.skeleton import SLOTS

    for slot in SLOTS:
        services.fill(slot, omitted=slot != "next", text="见工作台账。")
    services.draft("送阅稿")
    services.confirm(["units.total"], Step.CHIEF)
    client = Client()
    client.force_login(people["reader"])
    missing, total = queries.unconfirmed(queries.newest())
    assert missing == total - 1 > 10
    assert f"{total} 个数字，{missing} 个未确认" in client.get("/briefing/").content.decode()


def test_command_line(district: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from wenmai import cli

    monkeypatch.setattr(cli, "_open_house", lambda migrate=True: None)
    slip = tmp_path / "slip.pdf"
    slip.write_bytes(PDF)
    done = CliRunner().invoke(cli.app, ["confirm", "units.total", "rows.total", "--step", "分管", "--note", "已核", "--slip", str(slip)])
    assert done.exit_code == 0, done.output
    made = Confirmation.objects.order_by("id")
    assert [(c.figure_id, c.step, c.note, c.actor_name) for c in made] == [(f, Step.DEPUTY, "已核", "命令行") for f in ("units.total", "rows.total")]
    wrong = CliRunner().invoke(cli.app, ["confirm", "units.total", "--step", "局长"])
    assert isinstance(wrong.exception, InputError) and Confirmation.objects.count() == 2
