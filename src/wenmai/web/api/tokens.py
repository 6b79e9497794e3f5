"""Tokens of systems: made once and shown once, looked up by digest, limited by the minute, and what they take is logged."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events import services as events
from wenmai.office.people.models import Organisation, Role, User
from wenmai.office.people.permissions import Verdict, allow, inside
from wenmai.office.people.rows import row_scope
from wenmai.web.models import ApiToken

SCOPES = {"enterprises": "企业名录", "figures": "快照数字", "facts": "填报数据", "snapshots": "快照", "jobs": "任务状态"}
PREFIX = "wm_"
LONGEST = timedelta(days=366)
MOST_PER_MINUTE = 6000
EXPORT_ROWS = 100  # an answer of so many rows is logged by itself
UNTOLD_ROWS = 1000  # and smaller ones when they add up to this
TOUCH = timedelta(minutes=1)


def may_manage(user: Any) -> Verdict:
    if cut := row_scope(user).words:
        return False, f"接口令牌由全区系统管理员管理，本单位{cut}"
    return allow(user, frozenset({Role.ADMIN}), "管理接口令牌")


def may_look(user: Any) -> Verdict:
    if cut := row_scope(user).words:
        return False, f"接口令牌由全区系统管理员管理，本单位{cut}"
    return allow(user, frozenset({Role.ADMIN, Role.AUDITOR}), "查看接口令牌")


def digest_of(token: str) -> str:
    """The token has 256 random bits, so a plain digest cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def add(
    name: str, owner: User, scopes: Iterable[str], expires: date, organisation: Organisation | None = None, per_minute: int = 120, actor: Any = None
) -> tuple[ApiToken, str]:  # fmt: skip
    """(token's record, the token itself, which is not kept). Errors: InputError, Refused."""
    allowed, reason = may_manage(actor)
    if not allowed:
        raise Refused(reason)
    name, wanted, today = name.strip(), sorted(set(scopes)), timezone.localdate()
    if not name or len(name) > 80:
        raise InputError("系统名称须为 1—80 字")
    if not wanted or set(wanted) - set(SCOPES):
        raise InputError("没有选可读内容，或不在可选项内", remedy="可选：" + "、".join(SCOPES))
    if not today <= expires <= today + LONGEST:
        raise InputError("有效期须在今天起一年以内")
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise InputError(f"每分钟次数须为 1—{MOST_PER_MINUTE}")
    _check_owner(owner, organisation)
    token = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        if ApiToken.objects.filter(name=name).exists():
            raise InputError(f"已有名为“{name}”的令牌", remedy="一个系统一个令牌；更换时请另起名称，再吊销旧的")
        made = ApiToken.objects.create(
            name=name, digest=digest_of(token), hint=token[-4:], owner=owner, organisation=organisation, scopes=wanted, per_minute=per_minute,
            expires=expires, created_by=getattr(actor, "username", "命令行"),
        )  # fmt: skip
        whose = organisation.name if organisation else None
        payload = {"name": name, "owner": owner.username, "scopes": wanted, "expires": expires, "organisation": whose}
        events.record("web.token.added", f"token:{made.pk}", payload, actor)
    return made, token


def _check_owner(owner: User, organisation: Organisation | None) -> None:
    if not owner.is_active or not inside(owner)[0]:
        raise Refused("责任人须为在用的办内账号")
    if not row_scope(owner).everything and (organisation is None or organisation.pk != owner.organisation_id):
        raise Refused("责任人只能看本单位范围，令牌的数据范围须为其本单位")


def revoke(token_id: int, actor: Any = None) -> ApiToken:
    """From now on the token opens nothing. Its record stays."""
    allowed, reason = may_manage(actor)
    if not allowed:
        raise Refused(reason)
    with transaction.atomic():
        found = ApiToken.objects.select_for_update().filter(pk=token_id).first()
        if found is None:
            raise NotFound(f"没有编号为 {token_id} 的令牌")
        if found.revoked_at is not None:
            raise Refused("这个令牌已经吊销")
        found.revoked_at = timezone.now()
        found.save(update_fields=["revoked_at"])
        events.record("web.token.revoked", f"token:{found.pk}", {"name": found.name}, actor)
    return found


def find(text: str) -> ApiToken | None:
    """The token that is in use now, or None: unknown, revoked, expired, or of somebody who has no login any more."""
    if not text.startswith(PREFIX) or len(text) > 200:
        return None
    query = ApiToken.objects.select_related("owner__organisation", "organisation")
    found = query.filter(digest=digest_of(text), revoked_at=None, expires__gte=timezone.localdate()).first()
    if found is None or not found.owner.is_active or not inside(found.owner)[0]:
        return None
    own = found.owner.organisation
    if own is not None and not own.active:
        return None
    # An owner who was moved to a street since then lends the token no more than that street.
    if not row_scope(found.owner).everything and (found.organisation_id != found.owner.organisation_id):
        return None
    return found


def reader(token: ApiToken) -> User:
    """As whom the token reads: its owner, in the organisation that cuts its rows. Never saved."""
    user = token.owner
    if token.organisation is not None:
        user.organisation = token.organisation
    return user


def over_limit(token: ApiToken) -> int:
    """Count one request; seconds to wait when it is over the limit, else 0. One file per token and minute, one byte per
    request: appending is atomic, so several processes share one limit."""
    now = time.time()
    minute = int(now // 60)
    folder = Path(settings.WENMAI_HOME) / "cache" / "api"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{token.pk}-{minute}"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, b".")
        size = os.fstat(handle).st_size
    finally:
        os.close(handle)
    if size == 1:
        for old in folder.glob(f"{token.pk}-*"):
            if old.name != path.name:
                old.unlink(missing_ok=True)
    return max(1, int(60 * (minute + 1) - now) + 1) if size > token.per_minute else 0


def taken(token: ApiToken, page: str, asked: dict[str, Any], rows: int) -> None:
    """Keep when the token was last used, and tell the log what was taken: a large answer at once, small ones when they add
    up. When the event cannot be written, the rows do not leave."""
    now = timezone.now()
    if not rows and token.last_used and now - token.last_used < TOUCH:
        return
    with transaction.atomic():
        held = ApiToken.objects.select_for_update().get(pk=token.pk)
        held.last_used, held.rows_untold = now, held.rows_untold + rows
        if rows >= EXPORT_ROWS or held.rows_untold >= UNTOLD_ROWS:
            payload = {"token": held.name, "asked": asked, "rows": rows, "rows_since": held.rows_untold}
            events.record("web.api.read", f"api:{page}"[:120], payload, f"接口：{held.name}")
            held.rows_untold = 0
        held.save(update_fields=["last_used", "rows_untold"])
