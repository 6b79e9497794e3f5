"""The pages of 区自定口径: preview before adding, errors with their row, one version, retire and restore; and the command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from wenmai.base import standards
from wenmai.office.figures import queries, snapshots
from wenmai.office.people.models import Role, User
from wenmai.rooms.classification import scoping
from wenmai.rooms.classification import services as classification
from wenmai.rooms.classification.models import ScopeVersion
from wenmai.rooms.registry import services as registry
from wenmai.samples import write_district

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def district(home: Path, tmp_path: Path) -> Path:
    cache.clear()
    (home / "site.json").write_text(json.dumps({"district": "文澜区"}), encoding="utf-8")
    registry.import_file(write_district(tmp_path / "sample", 300)[0], provider="区市场监管局")
    classification.run()
    snapshots.publish()
    return home


def client(role: Role) -> Client:
    user, _ = User.objects.get_or_create(username=role.value, defaults={"role": role})
    found = Client()
    found.force_login(user)
    return found


def upload(browser: Client, raw: bytes, name: str = "口径.csv") -> Any:
    return browser.post("/scopes/preview", {"file": SimpleUploadedFile(name, raw, "text/csv")})


def ticket(page: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_from_upload_to_figures(district: Path) -> None:
    browser = client(Role.EDITOR)
    assert "还没有现行的区自定口径" in browser.get("/scopes/").content.decode()
    answer = upload(browser, standards.example_scope_bytes())
    page = answer.content.decode()
    assert answer.status_code == 200 and "试算：文化旅游（示例）第1版" in page and "尚未添加" in page
    assert ScopeVersion.objects.count() == 0
    said = re.search(r"纳入 <b>([\d,]+)</b> 家、待核定 <b>([\d,]+)</b> 家、不纳入 <b>([\d,]+)</b>", page)
    assert said
    counts = [int(n.replace(",", "")) for n in said.groups()]
    done = browser.post("/scopes/add", {"ticket": ticket(page)})
    version = ScopeVersion.objects.get()
    assert done.status_code == 302 and done["Location"] == f"/scopes/{version.pk}/" and version.added_by_name == "editor"
    assert "将起用" in browser.get("/scopes/").content.decode()
    snapshot = snapshots.publish()
    figures = queries.figures(snapshot)
    head = f"scope.{version.digest[:10]}"
    assert [figures[f"{head}.{n}"].value for n in ("included", "pending", "excluded")] == counts
    for address in ("/scopes/", f"/scopes/{version.pk}/"):
        page = browser.get(address).content.decode()
        assert f'/figures/{snapshot.pk}/{head}.included">{counts[0]}</a>' in page and "将起用" not in page, address
    page = browser.get(f"/scopes/{version.pk}/").content.decode()
    assert "786 游览景区管理" in page and "两口径都计入" in page and "民宿、露营" in page
    shown = browser.get("/figures/").content.decode()
    assert "区自定口径：文化旅游（示例）第1版·登记口径" in shown
    opened = browser.get(f"/figures/{snapshot.pk}/{head}.included").content.decode()
    assert f"明细（{counts[0]} 行）" in opened and "本口径判定" in opened


def test_bad_files_come_back_with_their_row(district: Path) -> None:
    browser = client(Role.ADMIN)
    head = "项目,取值,限定代码,说明\n名称,试,,\n版本,1,,\n"
    for raw, name, message in (
        ((head + "纳入,8790,,\n").encode(), "口径.csv", "不在 GB/T 4754-2017 中（口径.csv 第4行）"),
        (head.encode("gb18030"), "口径.csv", "不是 UTF-8 编码"),
        (b"PK\x03\x04" + b"\x00" * 99, "口径.xlsx", "Excel 工作簿"),
        (b"x" * 1_000_001, "口径.csv", "超过 1,000 KB"),
        (b"\x00\x01\x02", "../../etc/口径.csv", "二进制内容（口径.csv）"),
        (b"", "口径.csv", "文件是空的"),
        (("<script>alert(1)</script>," + head).encode(), "口径.csv", "表头不对"),
    ):
        answer = upload(browser, raw, name)
        assert answer.status_code == 400 and message in answer.content.decode(), (name, message)
    escaped = upload(browser, (head + "<script>x</script>,88,,\n").encode()).content.decode()
    assert "&lt;script&gt;x" in escaped and "<script>x" not in escaped
    assert ScopeVersion.objects.count() == 0


def test_a_ticket_cannot_be_made_up(district: Path) -> None:
    browser = client(Role.EDITOR)
    good = ticket(upload(browser, standards.example_scope_bytes()).content.decode())
    for bad in ("", "x", good[:-2] + "zz", good.replace(":", ".")):
        assert browser.post("/scopes/add", {"ticket": bad}).status_code == 302
    assert ScopeVersion.objects.count() == 0
    for _ in range(2):  # confirming twice adds once
        browser.post("/scopes/add", {"ticket": good})
    assert ScopeVersion.objects.count() == 1
    assert "不必再次添加" in upload(browser, standards.example_scope_bytes()).content.decode()
    changed = standards.example_scope_bytes().replace("游乐园".encode(), "游乐场".encode())
    refused = upload(browser, changed)
    assert refused.status_code == 400 and "口径版本不能修改" in refused.content.decode()


def test_retire_restore_and_download(district: Path) -> None:
    version = scoping.add_example()
    browser, reader = client(Role.EDITOR), client(Role.READER)
    assert reader.post(f"/scopes/{version.pk}/retire").status_code == 403
    page = reader.get(f"/scopes/{version.pk}/").content.decode()
    assert "维护区自定口径需要角色" in page and "/retire" not in page
    assert reader.get(f"/scopes/{version.pk}/file").content == standards.example_scope_bytes()
    assert reader.get("/scopes/example").content == standards.example_scope_bytes()
    assert "没有现行版本" in browser.get(f"/scopes/{version.pk}/").content.decode()
    second = scoping.add(standards.example_scope_bytes().replace("版本,1".encode(), "版本,2".encode()), "2.csv")
    assert "停用后：文化旅游（示例）第1版重新生效" in browser.get(f"/scopes/{second.pk}/").content.decode()
    assert "停用后：现行口径不变" in browser.get(f"/scopes/{version.pk}/").content.decode()
    browser.post(f"/scopes/{second.pk}/retire")
    assert "已停用" in browser.post(f"/scopes/{version.pk}/retire", follow=True).content.decode()
    assert "已经停用" in browser.post(f"/scopes/{version.pk}/retire", follow=True).content.decode()
    assert "恢复使用" in browser.get(f"/scopes/{version.pk}/").content.decode()
    assert "生效" in browser.post(f"/scopes/{version.pk}/restore", follow=True).content.decode()
    for address in ("/scopes/999/", "/scopes/999/file"):
        assert browser.get(address).status_code == 404


def test_the_list_page_asks_a_bounded_number_of_queries(district: Path, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        scoping.add(f"项目,取值,限定代码,说明\n名称,旅{number % 3},,\n版本,{number},,\n纳入,7291,,\n".encode(), "x.csv")
    snapshots.publish()
    browser = client(Role.EDITOR)
    browser.get("/scopes/")
    with django_assert_max_num_queries(20):
        assert browser.get("/scopes/").status_code == 200


def wenmai(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "WENMAI_HOME": str(home), "PYTHONPATH": "src"}
    env.pop("DATABASE_URL", None)
    return subprocess.run([sys.executable, "-m", "wenmai.cli", "scope", *words], env=env, capture_output=True, text=True)


@pytest.mark.slow
def test_the_command_line(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "口径.csv"
    assert wenmai(home, "example", "-o", str(file)).returncode == 0 and file.read_bytes() == standards.example_scope_bytes()
    assert "12 条规则" in wenmai(home, "check", str(file)).stdout
    assert not (home / "wenmai.sqlite3").exists()  # writing and checking need no database
    assert "已添加 文化旅游（示例）第1版" in wenmai(home, "add", str(file)).stdout
    assert "已有 文化旅游（示例）第1版" in wenmai(home, "add", str(file)).stdout
    assert "文化旅游（示例）" in wenmai(home, "list").stdout
    assert "786 游览景区管理" in wenmai(home, "show", "文化旅游（示例）", "1").stdout
    assert "已停用" in wenmai(home, "retire", "文化旅游（示例）", "1").stdout
    assert "生效" in wenmai(home, "restore", "文化旅游（示例）", "1").stdout
    file.write_text(file.read_text(encoding="utf-8").replace("9020", "9090"), encoding="utf-8")
    for words in (("add", str(file)), ("retire", "文化旅游（示例）", "9"), ("show", "没有"), ("check", str(tmp_path)), ("example", "-o", str(file))):
        done = wenmai(home, *words)
        assert done.returncode == 2 and "错误" in done.stderr and "Traceback" not in done.stderr, words
