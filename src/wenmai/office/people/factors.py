"""The second factor: time-based codes by pyotp, recovery codes kept as keyed hashes. No code is taken twice."""

from __future__ import annotations

import base64
import hashlib
import io
import secrets
import time
from typing import Any

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from wenmai.base.values import InputError, Refused
from wenmai.office.people import signals
from wenmai.office.people.models import RecoveryCode, SecondFactor, User

STEP = 30  # seconds
WINDOW = 1  # steps that a device's clock may be off
CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like another


def _box() -> Fernet:
    """Secrets are encrypted under the site's key: a copy of the database alone gives no codes."""
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"wenmai.second-factor\n" + settings.SECRET_KEY.encode()).digest()))


def _secret(factor: SecondFactor) -> str:
    try:
        return _box().decrypt(factor.secret.encode()).decode()
    except InvalidToken as error:
        raise Refused("动态口令密钥无法读取（站点密钥已更换）", remedy="请系统管理员重设动态口令") from error


def active(user: Any) -> SecondFactor | None:
    """The confirmed second factor of a person, if there is one."""
    return SecondFactor.objects.filter(user_id=user.pk).exclude(confirmed_at=None).first()


def begin(user: User) -> SecondFactor:
    """A new secret, not in force until a code of it is given. One that waits is kept, so that a reload shows the same."""
    found = SecondFactor.objects.filter(user=user).first()
    if found is not None:
        if found.confirmed_at:
            raise Refused("已启用动态口令", remedy="如需更换，请先停用")
        return found
    return SecondFactor.objects.create(user=user, secret=_box().encrypt(pyotp.random_base32().encode()).decode())


def address(factor: SecondFactor) -> str:
    """The otpauth address that an authenticator reads."""
    return pyotp.TOTP(_secret(factor)).provisioning_uri(name=factor.user.username, issuer_name="文脉")


def picture(factor: SecondFactor) -> str:
    """The address as an SVG for the page."""
    out = io.BytesIO()
    segno.make(address(factor), error="m").save(out, kind="svg", scale=4, border=2, xmldecl=False, svgns=True, title="动态口令二维码")
    return out.getvalue().decode()


def plain(factor: SecondFactor) -> str:
    """The secret in groups of four, for typing it in."""
    text = _secret(factor)
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def _step(factor: SecondFactor, code: str, now: float) -> int | None:
    """The time step whose code this is, within the window; compared in constant time."""
    totp = pyotp.TOTP(_secret(factor))
    here = int(now) // STEP
    return next((s for s in range(here - WINDOW, here + WINDOW + 1) if secrets.compare_digest(totp.generate_otp(s), code)), None)


def confirm(user: User, code: str, now: float | None = None) -> list[str]:
    """Put the second factor in force; returns the recovery codes, which are shown once."""
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at=None).first()
        if factor is None:
            raise Refused("没有待启用的动态口令")
        step = _step(factor, _clean(code), time.time() if now is None else now)
        if step is None:
            raise InputError("动态口令不对", remedy="请核对手机时间后输入当前的 6 位数字")
        factor.confirmed_at, factor.last_step = timezone.now(), step
        factor.save(update_fields=["confirmed_at", "last_step"])
        codes = _renew(user)
        signals.access_changed.send(sender=User, verb="people.factor.enabled", subject=f"user:{user.username}", payload={}, actor=user)
    return codes


def _renew(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, c)) for c in codes)
    return [f"{c[:5]}-{c[5:]}" for c in codes]


def _clean(code: str) -> str:
    return "".join(c for c in code.lower() if c.isalnum() and c.isascii())[:32]


def _digest(user: User, code: str) -> str:
    # Ten characters of thirty-one are 49 random bits: a keyed hash is enough, and looking one up costs nothing.
    return salted_hmac("wenmai.recovery", f"{user.pk}\n{code}", algorithm="sha256").hexdigest()


def passes(user: User, code: str, now: float | None = None) -> bool:
    """Whether this is a current code not used before, or an unused recovery code; it is used up by asking."""
    said = _clean(code)
    factor = active(user)
    if factor is None or not said:
        return False
    if len(said) == 6 and said.isdigit():
        step = _step(factor, said, time.time() if now is None else now)
        # One statement decides: of two requests with the same code one passes.
        return step is not None and SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step) == 1
    used = RecoveryCode.objects.filter(user=user, digest=_digest(user, said), used_at=None).update(used_at=timezone.now()) == 1
    if used:
        left = RecoveryCode.objects.filter(user=user, used_at=None).count()
        signals.access_changed.send(
            sender=User, verb="people.factor.recovered", subject=f"user:{user.username}", payload={"left": left}, actor=user
        )
    return used


def remove(user: User, actor: Any = None) -> None:
    """Take the second factor away: the person's own, or an administrator for somebody who lost the device."""
    if actor is not None and actor.pk != user.pk:
        from wenmai.office.people.organisations import may_manage

        allowed, reason = may_manage(actor)
        if not allowed:
            raise Refused(reason)
    with transaction.atomic():
        gone, _ = SecondFactor.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()
        if gone:
            signals.access_changed.send(sender=User, verb="people.factor.removed", subject=f"user:{user.username}", payload={}, actor=actor)
