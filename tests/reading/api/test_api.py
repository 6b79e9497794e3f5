"""The API: a token sees what its owner sees, cut to its organisation and scopes; one shape of error; what is taken is logged."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from wenmai.base.values import InputError, Refused
from wenmai.office.events.models import Event
from wenmai.office.figures import facts
from wenmai.office.figures.models import Lane
from wenmai.office.people import organisations
from wenmai.office.people.models import Organisation, OrgKind, User
from wenmai.rooms.registry.models import Enterprise
from wenmai.web.api import tokens
from wenmai.web.models import ApiToken

from ..conftest import DISTRICT, source

READS = ("/api/v1/enterprises", "/api/v1/figures", "/api/v1/facts", "/api/v1/snapshots", "/api/v1/jobs")


def test_openapi_is_3_1(people: dict[str, User], token_of: Any, get_with: Any, client_of: Any) -> None:
    """Read only, every error declared in the one shape; for holders of a token or a login."""
    assert Client().get("/api/openapi.json").status_code == 401
    assert client_of("reader").get("/api/openapi.json").status_code == 200
    status, schema = get_with(token_of(scopes=["facts"])[1], "/api/openapi.json")
    assert status == 200 and schema["openapi"].startswith("3.1.")
    assert set(READS) <= set(schema["paths"]) and len(schema["paths"]) == 10
    for path, methods in schema["paths"].items():
        assert set(methods) == {"get"}, path
        assert methods["get"]["security"]
        for code in ("401", "403", "404", "422", "429", "500"):
            assert methods["get"]["responses"][code]["content"]["application/json"]["schema"]["$ref"].endswith("/Error")


@pytest.mark.parametrize("address", READS)
def test_without_a_good_token(office: Any, token_of: Any, client_of: Any, get_with: Any, address: str) -> None:
    """None, a wrong one, a revoked, an expired one, one whose owner left, and a logged-in browser: all 401 in one shape."""
    revoked, text = token_of()
    tokens.revoke(revoked.pk, None)
    old, stale = token_of()
    ApiToken.objects.filter(pk=old.pk).update(expires=dt.date.today() - dt.timedelta(days=1))
    for token in ("", "x", "wm_" + "a" * 43, text, stale):
        status, body = get_with(token, address)
        assert (status, body["error"]["code"]) == (401, "no_token"), token
    assert client_of("admin").get(address).status_code == 401
    _, gone = token_of()
    assert get_with(gone, address)[0] == 200
    User.objects.filter(username="editor").update(is_active=False)
    assert get_with(gone, address)[0] == 401


def test_scopes(office: Any, token_of: Any, get_with: Any) -> None:
    """Each scope opens its own address and no other; rows of a figure need enterprises as well."""
    for scope, address in zip(("enterprises", "figures", "facts", "snapshots", "jobs"), READS, strict=True):
        _, token = token_of(scopes=[scope])
        assert [get_with(token, a)[0] for a in READS] == [200 if a == address else 403 for a in READS]
        if scope == "figures":
            assert get_with(token, "/api/v1/figure-rows/units.total")[0] == 403


def test_enterprises_page_through(office: Any, token_of: Any, get_with: Any) -> None:
    """Pages of one hold every enterprise once, in order; filters are the list page's."""
    _, token = token_of()
    seen, after = [], 0
    for _ in range(10):
        _, body = get_with(token, f"/api/v1/enterprises?limit=1&after={after}")
        seen += [e["key"] for e in body["items"]]
        after = body["next"]
        if after is None:
            break
    assert seen == list(Enterprise.objects.filter(current=True).order_by("pk").values_list("key", flat=True)) and len(seen) == 4

    def names(query: str) -> set[str]:
        return {e["name"][3:5] for e in get_with(token, f"/api/v1/enterprises?{query}")[1]["items"]}

    assert names("street=西街街道") == {"云上", "宏达"}
    assert names("q=图书") == {"映山"}
    assert names("outcome=非文化") == {"宏达"}
    assert names("street=没有的街道") == set()
    one = get_with(token, f"/api/v1/enterprises/{office['云上'].key}")[1]
    assert (one["name"], one["district"], one["street"]) == (office["云上"].name, office["云上"].district, "西街街道")


def test_two_owners_by_organisation(told: Any, token_of: Any, get_with: Any) -> None:
    """Tokens of two streets, of a firm and of a bank: each sees its own rows everywhere; district totals stay for all."""
    bank = organisations.add_organisation("测试银行", OrgKind.FINANCE)
    firm = organisations.add_organisation("云上动漫", OrgKind.ENTERPRISE, told["云上"].key)
    today = dt.date.today()
    organisations.authorise(told["晴川"].key, bank, "名录", today, today, "0" * 64)
    cases = {
        "东街街道": {"映山", "晴川"}, "西街街道": {"云上", "宏达"}, "云上动漫": {"云上"}, "测试银行": {"晴川"},
    }  # fmt: skip
    for name, expected in cases.items():
        place = {"云上动漫": firm, "测试银行": bank}.get(name) or Organisation.objects.get(name=name)
        _, token = token_of(organisation=place)
        body = get_with(token, "/api/v1/enterprises")[1]
        assert {e["name"][3:5] for e in body["items"]} == expected, name
        assert body["row_scope"]
        rows = get_with(token, "/api/v1/figure-rows/units.total")[1]
        assert {r["name"][3:5] for r in rows["items"]} == expected and rows["total"] == len(expected), name
        for short, enterprise in told.items():
            assert get_with(token, f"/api/v1/enterprises/{enterprise.key}")[0] == (200 if short in expected else 404)
        firms = {f["subject_name"][3:5] for f in get_with(token, "/api/v1/facts?kind=enterprise")[1]["items"]}
        # A consent to see the register entry is none to see the figures.
        assert firms == (set() if name == "测试银行" else expected & {"映山", "云上", "晴川"}), name
        assert get_with(token, "/api/v1/facts?kind=area&code=SC09")[1]["items"], name


def test_an_owner_lends_no_more_than_is_seen(told: Any, people: dict[str, User], token_of: Any, get_with: Any) -> None:
    """A street's person cannot hold a token for the whole district or another street; an owner who is moved to a street
    since takes the token's wider view along."""
    east, west = (Organisation.objects.get(name=n) for n in ("东街街道", "西街街道"))
    for other in (None, west):
        with pytest.raises(Refused):
            token_of("东街街道", organisation=other)
    assert token_of("东街街道", organisation=east)
    _, token = token_of("editor")
    assert len(get_with(token, "/api/v1/enterprises")[1]["items"]) == 4
    organisations.place(people["editor"], east)
    assert get_with(token, "/api/v1/enterprises")[0] == 401


def test_facts_by_vintage(told: Any, token_of: Any, get_with: Any) -> None:
    """A revision: as_of before it gives the old value, without it the new one; secret values follow the owner's role."""
    _, token = token_of("editor", ["facts"])
    address = "/api/v1/facts?code=sc10&kind=area"
    before = get_with(token, address)[1]["items"][0]
    assert (before["value"], before["unit"], before["stage"], before["lane"]) == ("4.1", "%", "初步核算", "统计部门数据")
    moment = dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")
    new = facts.NewFact("area", DISTRICT, "SC10", "2024", "4.2", "%", Lane.BUREAU, "全口径", "", "初步核算", name=DISTRICT, mark="不得外传")
    assert facts.record([new], source("市统计局", True)).counts[facts.REVISED] == 1
    assert [f["value"] for f in get_with(token, address)[1]["items"]] == ["4.2"]
    assert [f["value"] for f in get_with(token, f"{address}&as_of={moment}")[1]["items"]] == ["4.1"]
    _, low = token_of("reader", ["facts"])
    assert get_with(low, address)[1]["items"] == []
    assert [f["item"] for f in get_with(token, "/api/v1/facts?code=SC06&key=" + DISTRICT)[1]["items"]] == ["", "大类=01", "大类=02"]
    assert len(get_with(token, "/api/v1/facts?code=SC06&item=&period=2024年")[1]["items"]) == 2


def test_figures_and_snapshots(office: Any, token_of: Any, get_with: Any) -> None:
    from wenmai.office.figures.snapshots import latest
    from wenmai.web import queries

    _, token = token_of()
    known = queries.figures_of(latest())[0]
    body = get_with(token, "/api/v1/figures?prefix=units.")[1]
    assert {f["id"]: f["value"] for f in body["items"]} == {k: f.value for k, f in known.items() if k.startswith("units.")}
    one = get_with(token, "/api/v1/figures/units.total")[1]
    assert (one["value"], one["lane"], one["provider"], one["publishable"]) == (4, "行政记录", "测试提供单位", "内部")
    first = get_with(token, "/api/v1/figure-rows/units.total?limit=3")[1]
    rest = get_with(token, f"/api/v1/figure-rows/units.total?limit=3&after={first['next']}")[1]
    assert len({r["key"] for r in first["items"] + rest["items"]}) == 4 and rest["next"] is None
    assert get_with(token, "/api/v1/figure-rows/culture.core.share")[0] == 404
    assert get_with(token, "/api/v1/figures/none")[0] == 404
    snapshot = get_with(token, "/api/v1/snapshots")[1]["items"][0]
    assert get_with(token, f"/api/v1/snapshots/{snapshot['id']}")[1] == snapshot
    assert get_with(token, f"/api/v1/figures?snapshot={snapshot['id'] + 1}")[0] == 404


def test_jobs_are_the_owners(office: Any, token_of: Any, get_with: Any) -> None:
    """The classification run was the editor's: another's token sees none of it, an auditor's sees all."""
    mine = get_with(token_of("editor")[1], "/api/v1/jobs")[1]["items"]
    assert [(j["kind"], j["state"]) for j in mine] == [("classification.run", "done")]
    reader = token_of("reader")[1]
    assert get_with(reader, "/api/v1/jobs")[1]["items"] == []
    assert get_with(reader, f"/api/v1/jobs/{mine[0]['id']}")[0] == 404
    assert get_with(token_of("auditor")[1], f"/api/v1/jobs/{mine[0]['id']}")[0] == 200


@pytest.mark.parametrize(("address", "status", "code"), [
    ("/api/v1/enterprises?limit=0", 422, "invalid"), ("/api/v1/enterprises?limit=501", 422, "invalid"), ("/api/v1/enterprises?after=-1", 422, "invalid"),
    ("/api/v1/enterprises?after=99999999999999999999", 422, "invalid"), ("/api/v1/snapshots/99999999999999999999", 422, "invalid"),
    ("/api/v1/facts?as_of=0001-01-01T00:00:00%2B14:00", 422, "invalid"), ("/api/v1/facts?as_of=x", 422, "invalid"), ("/api/v1/facts?period=x", 422, "invalid"),
    ("/api/v1/facts?lane=x", 422, "invalid"), ("/api/v1/enterprises/none", 404, "not_found"), ("/api/v2/facts", 404, "not_found"), ("/api/x", 404, "not_found"),
])  # fmt: skip
def test_errors_have_one_shape(told: Any, token_of: Any, get_with: Any, address: str, status: int, code: str) -> None:
    got, body = get_with(token_of()[1], address)
    assert (got, body["error"]["code"]) == (status, code)
    assert set(body) == {"error"} and set(body["error"]) == {"code", "message", "where", "remedy"} and body["error"]["message"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written(office: Any, token_of: Any, method: str) -> None:
    head = {"Authorization": f"Bearer {token_of()[1]}"}
    for address in (*READS, "/api/openapi.json"):
        answer = getattr(Client(enforce_csrf_checks=True), method)(address, headers=head)
        assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method")


def test_rate_limit(office: Any, token_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fourth request of a minute of a token of three is 429 with the seconds to wait; another token goes on; so does this
    one a minute later."""
    clock = [1_800_000_010.0]
    monkeypatch.setattr(tokens.time, "time", lambda: clock[0])
    _, token = token_of(per_minute=3)
    _, other = token_of()

    def get(text: str) -> Any:
        return Client().get("/api/v1/snapshots", headers={"Authorization": f"Bearer {text}"})

    assert [get(token).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert 1 <= int(get(token)["Retry-After"]) <= 61 and get(token).json()["error"]["code"] == "too_many"
    assert get(other).status_code == 200
    clock[0] += 60
    assert get(token).status_code == 200


def test_what_is_taken_is_logged(office: Any, token_of: Any, get_with: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large answer at once, small ones when they add up; the search text is not in the log, the token is nowhere."""
    record, token = token_of()
    get_with(token, "/api/v1/enterprises?q=图书")
    assert not Event.objects.filter(verb="web.api.read").exists()
    monkeypatch.setattr(tokens, "UNTOLD_ROWS", 5)
    get_with(token, "/api/v1/enterprises?q=文昌区")
    event = Event.objects.get(verb="web.api.read")
    assert event.actor == f"接口：{record.name}" and event.payload == {"token": record.name, "asked": {"q": "有"}, "rows": 4, "rows_since": 5}
    monkeypatch.setattr(tokens, "EXPORT_ROWS", 4)
    get_with(token, "/api/v1/enterprises")
    assert Event.objects.filter(verb="web.api.read").count() == 2
    assert ApiToken.objects.get(pk=record.pk).last_used is not None
    assert not [e for e in Event.objects.all() if token in str(e.payload)]


def test_tokens_are_made_once(people: dict[str, User], client_of: Any) -> None:
    """Administrators only; the token is on one page once and not in the database; revoking ends it at once."""
    form = {"name": "大数据平台", "owner": people["editor"].pk, "scopes": ["facts"], "expires": (dt.date.today() + dt.timedelta(days=9)).isoformat()}
    for who in ("reader", "editor", "reviewer", "auditor", "东街街道"):
        assert client_of(who).post("/tokens/add", form).status_code == 403
    admin = Client()
    admin.post("/login", {"username": "admin", "password": "correct-horse-battery"})
    text = admin.post("/tokens/add", form).content.decode()
    token = text.split('class="once">')[1].split("<")[0]
    made = ApiToken.objects.get()
    assert made.digest == tokens.digest_of(token) and token not in str(made.__dict__) and made.hint == token[-4:]
    assert token not in admin.get("/tokens/").content.decode() and "大数据平台" in client_of("auditor").get("/tokens/").content.decode()
    assert tokens.find(token) == made
    admin.post(f"/tokens/{made.pk}/revoke")
    assert tokens.find(token) is None
    assert list(Event.objects.filter(verb__startswith="web.token").values_list("verb", flat=True)) == ["web.token.added", "web.token.revoked"]


def test_bad_tokens_are_not_made(people: dict[str, User], token_of: Any) -> None:
    today = dt.date.today()
    for more in ({"scopes": []}, {"scopes": ["everything"]}, {"expires": today + dt.timedelta(days=400)}, {"expires": today - dt.timedelta(days=1)}, {"per_minute": 0}):
        with pytest.raises(InputError):
            token_of(**more)
    assert not ApiToken.objects.exists()


def test_command_line(people: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from wenmai import cli_api

    monkeypatch.setattr(cli_api.console, "file", None, raising=False)
    app, runner = cli_api.token_commands(lambda: None), CliRunner()
    with cli_api.console.capture() as said:
        assert runner.invoke(app, ["add", "平台", "--owner", "editor", "--scopes", "facts,jobs", "--days", "5"]).exit_code == 0
    made = ApiToken.objects.get()
    token = said.get().split()[-1]
    assert tokens.find(token) == made and made.scopes == ["facts", "jobs"] and made.expires == dt.date.today() + dt.timedelta(days=5)
    assert runner.invoke(app, ["revoke", str(made.pk)]).exit_code == 0
    with cli_api.console.capture() as said:
        runner.invoke(app, ["list"])
    assert "已吊销" in said.get() and token not in said.get()
