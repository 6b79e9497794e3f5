"""Saved views: addresses of list pages only, one's own unless shared, and no way to another site."""

from __future__ import annotations

from typing import Any

import pytest

from wenmai.base.values import InputError, Refused
from wenmai.office.people.models import User
from wenmai.web import saved
from wenmai.web.models import SavedView


@pytest.mark.parametrize("address", [
    "https://evil.example/enterprises/", "//evil.example/enterprises/", "/\\evil.example", "javascript:alert(1)", "enterprises/", "", "/nowhere/",
    "/logout/", "/api/v1/facts", "/" + "a" * 500,
])  # fmt: skip
def test_other_addresses_are_refused(db: None, address: str) -> None:
    with pytest.raises(InputError):
        saved.clean_address(address)


def test_filters_are_kept_and_the_page_is_not(people: dict[str, User]) -> None:
    view = saved.save(people["reader"], " 东街的书店 ", "/enterprises/?q=%E5%9B%BE%E4%B9%A6&street=%E4%B8%9C%E8%A1%97&page=3&sort=-name#x")
    assert (view.name, view.path) == ("东街的书店", "/enterprises/")
    assert view.query == "q=%E5%9B%BE%E4%B9%A6&street=%E4%B8%9C%E8%A1%97&sort=-name"


def test_two_owners(people: dict[str, User], client_of: Any) -> None:
    """A private view does not exist for another; shared it is seen by all and changed by its owner; an administrator may only
    take the sharing back."""
    mine = saved.save(people["editor"], "甲", "/enterprises/?q=a")
    other = client_of("reviewer")
    assert "甲" not in other.get("/enterprises/").content.decode() and "甲" not in other.get("/saved/").content.decode()
    assert other.post(f"/saved/{mine.pk}/", {"act": "delete"}).status_code == 404
    saved.share(mine, True, people["editor"])
    assert ">甲</a>" in other.get("/enterprises/").content.decode()
    other.post(f"/saved/{mine.pk}/", {"act": "delete"})
    other.post(f"/saved/{mine.pk}/", {"act": "unshare"})
    assert SavedView.objects.get(pk=mine.pk).shared
    client_of("admin").post(f"/saved/{mine.pk}/", {"act": "delete"})
    assert SavedView.objects.filter(pk=mine.pk).exists()
    client_of("admin").post(f"/saved/{mine.pk}/", {"act": "unshare"})
    assert not SavedView.objects.get(pk=mine.pk).shared
    client_of("editor").post(f"/saved/{mine.pk}/", {"act": "delete"})
    assert not SavedView.objects.exists()


def test_readers_do_not_share(people: dict[str, User]) -> None:
    with pytest.raises(Refused, match="共享视图需要角色"):
        saved.save(people["reader"], "甲", "/enterprises/", shared=True)
    assert not SavedView.objects.exists()


def test_names_are_one_persons(people: dict[str, User]) -> None:
    saved.save(people["reader"], "甲", "/enterprises/")
    saved.save(people["editor"], "甲", "/enterprises/")
    with pytest.raises(InputError, match="已有名为"):
        saved.save(people["reader"], "甲", "/figures/")


def test_bar_on_list_pages_only(office: Any, client_of: Any) -> None:
    """Every page of the navigation has the bar but those of the ledgers, which stand at the bound of queries; a page of one thing has not."""
    from django.urls import reverse

    from wenmai.web.rooms import entries

    client = client_of("admin")
    without = [e.url_name for e in entries() if (r := client.get(reverse(e.url_name))).status_code == 200 and 'class="saved"' not in r.content.decode()]
    assert [n for n in without if not n.startswith("records:")] == []
    assert 'class="saved"' not in client.get(f"/enterprises/{office['映山'].key}/").content.decode()


def test_save_from_a_page(office: Any, client_of: Any) -> None:
    client = client_of("reader")
    answer = client.post("/saved/add", {"name": "书店", "address": "/enterprises/?q=书"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/enterprises/?q=%E4%B9%A6" and "已存为视图" in answer.content.decode()
    answer = client.post("/saved/add", {"name": "坏", "address": "//evil.example/"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/saved/" and "只能保存本站" in answer.content.decode()
