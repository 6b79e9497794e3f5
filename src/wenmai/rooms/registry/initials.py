"""Pinyin initials of names, so that “whcm” finds 文化传媒. A table beside the register: it can be made anew at any time.

Initials follow the catalogue of pypinyin: the first reading of each character, overruled by its phrases where a
character reads otherwise there (重庆 cq, 音乐 yy, 银行 yh). One pass of an Aho-Corasick automaton per name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F, Q

from wenmai.office.events.models import Event
from wenmai.office.jobs import services as jobs

JOB = "registry.initials"
CHUNK = 10_000
# Above this the work is queued: an import of 100,000 rows takes 6 s, their initials would add more than a second.
DIRECT = 5_000


class EnterpriseInitials(models.Model):
    """The initials of one enterprise's name, with its Latin letters and digits in their places, in lower case."""

    enterprise = models.OneToOneField("registry.Enterprise", on_delete=models.CASCADE, primary_key=True, related_name="initials")
    initials = models.CharField(max_length=300)

    class Meta:
        verbose_name = verbose_name_plural = "名称首字母"


def _letter(reading: str) -> str:
    return unicodedata.normalize("NFD", reading)[0].lower()


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[int, str], list[tuple[str, str]], Any]:
    """(character → initial, phrases that read otherwise, automaton over them); about half a second, once a process."""
    import ahocorasick_rs
    from pypinyin.phrases_dict import phrases_dict
    from pypinyin.pinyin_dict import pinyin_dict

    single = {code: _letter(readings) for code, readings in pinyin_dict.items()}
    phrases = []
    for phrase, readings in phrases_dict.items():
        letters = "".join(_letter(r[0]) for r in readings)
        if len(letters) == len(phrase) and letters != phrase.translate(single):
            phrases.append((phrase, letters))
    automaton = ahocorasick_rs.AhoCorasick([p for p, _ in phrases], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
    return single, phrases, automaton


def initials_of(name: str) -> str:
    """青禾区ABC文化传媒 → qhqabcwhcm; punctuation falls out."""
    single, phrases, automaton = _tables()
    letters = list(name.translate(single))
    for number, start, end in automaton.find_matches_as_indexes(name):
        letters[start:end] = phrases[number][1]
    return "".join(c for c in letters if c.isascii() and c.isalnum()).lower()[:300]


def _store(rows: Iterable[tuple[int, str | None]]) -> None:
    table = EnterpriseInitials._meta.db_table
    sql = f"INSERT INTO {table} (enterprise_id, initials) VALUES (%s, %s) ON CONFLICT (enterprise_id) DO UPDATE SET initials=excluded.initials"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(sql, [(i, initials_of(name or "")) for i, name in rows])


def _stale(batches: list[int]) -> Any:
    from wenmai.rooms.registry.models import Enterprise

    return Enterprise.objects.filter(Q(initials=None) | Q(changed_batch_id__in=batches), current=True)


def fill(batches: list[int], progress: Callable[[str, int, int | None], None] | None = None) -> int:
    """Write the initials of what these batches changed and of whatever has none. Repeating it changes nothing."""
    total, done, last = _stale(batches).count(), 0, 0
    while rows := list(_stale(batches).filter(id__gt=last).order_by("id").values_list("id", "name")[:CHUNK]):
        last = rows[-1][0]
        _store(rows)
        done += len(rows)
        if progress:
            progress("编制名称首字母", done, total)
    return done


def follow(event: Event) -> None:
    """Handler of a batch published or undone: a small one at once, a large one as a job."""
    batches = [int(event.subject.partition(":")[2])]
    if event.payload and event.payload.get("by"):
        batches.append(int(event.payload["by"]))
    if _stale(batches).count() <= DIRECT:
        fill(batches)
    else:
        jobs.enqueue(JOB, {"batches": batches})


def run(arguments: dict[str, Any], progress: Any, actor: Any) -> dict[str, int]:
    """Job: the same in the background."""
    return {"names": fill(arguments["batches"], progress)}


def matching(word: str) -> Any:
    """Ids of enterprises whose initials contain `word`; None when the word is not made of Latin letters and digits."""
    if len(word) < 2 or not (word.isascii() and word.isalnum()) or word.isdigit():
        return None
    return EnterpriseInitials.objects.filter(initials__contains=word.lower()).values(pk=F("enterprise_id"))
