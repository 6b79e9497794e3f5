"""The offline installer, made by tools/bundle and installed where there is no network at all."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from wenmai.samples import write_district

pytestmark = pytest.mark.slow

# A network namespace of its own: no device but a loopback that is down. Root needs nothing more; others map themselves.
OFFLINE = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / "bundle"
    done = subprocess.run(["bash", "tools/bundle", str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    return folder


def offline(words: list[str], home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "WENMAI_HOME": str(home / "data"), **more}
    return subprocess.run([*OFFLINE, *words], env=env, cwd=home, capture_output=True, text=True)


def test_the_bundle_is_whole_and_names_no_index(bundle: Path) -> None:
    sums = dict(reversed(line.split("  ", 1)) for line in (bundle / "SHA256SUMS").read_text().splitlines())  # type: ignore[arg-type,misc]
    files = {p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file()} - {"SHA256SUMS"}
    assert set(sums) == files >= {"install.sh", "README.md", "system.txt", "requirements.txt", "about.txt", "运维手册.md"}
    for name, digest in sums.items():
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == digest
    lock = Path("requirements.lock").read_text()
    pins = (bundle / "requirements.txt").read_text().splitlines()
    for pin in pins:  # each is the lock's version, with a hash that the lock holds
        name, version, digest = re.fullmatch(r"(\S+)==(\S+) --hash=sha256:([0-9a-f]{64})", pin).groups()  # type: ignore[union-attr]
        assert re.search(rf"(?im)^{re.escape(name)}(\[[a-z,]+\])?=={re.escape(version)} ", lock) and f"--hash=sha256:{digest}" in lock
    assert len(pins) == len(list((bundle / "wheels").glob("*.whl"))) - 1 > 40
    assert not [p for p in pins if p.startswith(("pytest==", "mypy==", "playwright=="))]
    text = "".join(p.read_text() for p in bundle.iterdir() if p.is_file())
    assert not re.search(r"https?://(?!127\.0\.0\.1)|index-url|\bpypi\b|/(root|home|tmp)/[a-z]", text)


def test_installed_and_used_without_network(bundle: Path, tmp_path: Path) -> None:
    devices = offline(["cat", "/proc/net/dev"], tmp_path).stdout
    assert [line.split(":")[0].strip() for line in devices.splitlines()[2:]] == ["lo"]
    target = tmp_path / "app"
    # A pip setting of the machine must not matter.
    done = offline(["bash", str(bundle / "install.sh"), str(target)], tmp_path, PIP_INDEX_URL="file:///nowhere", PIP_REQUIRE_VIRTUALENV="0")
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]
    assert "正常 数据库" in done.stdout and not (tmp_path / "data").exists()
    command = str(target / "wenmai")
    shown = offline([command, "--help"], tmp_path)
    assert shown.returncode == 0 and "backup" in shown.stdout and "import" in shown.stdout
    where = offline([str(target / "venv/bin/python"), "-c", "import wenmai, django; print(wenmai.__file__, django.__file__)"], tmp_path).stdout
    assert all(w.startswith(str(target)) for w in where.split())
    source = write_district(tmp_path / "sample", 60)[0]
    for words in (["import", str(source)], ["classify"], ["report", "-o", str(tmp_path / "r.docx")], ["backup", str(tmp_path / "b.tar.zst")],
                  ["verify", str(tmp_path / "b.tar.zst")], ["doctor"]):  # fmt: skip
        done = offline([command, *words], tmp_path)
        assert done.returncode == 0, f"{words}: {done.stderr[-1500:]}"
    assert (tmp_path / "r.docx").stat().st_size > 10_000


def test_a_changed_or_foreign_bundle_is_refused(bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy, copy_function=os.link)
    target = tmp_path / "app"

    def refused(words: str) -> None:
        done = offline(["bash", str(copy / "install.sh"), str(target)], tmp_path)
        assert done.returncode == 1 and words in done.stderr, done.stdout + done.stderr
        assert not target.exists() or not list(target.iterdir())

    (copy / "wheels" / "extra-1.0-py3-none-any.whl").write_bytes(b"PK")
    refused("多出文件")
    (copy / "wheels" / "extra-1.0-py3-none-any.whl").unlink()
    original = (copy / "requirements.txt").read_text()
    (copy / "requirements.txt").unlink()
    (copy / "requirements.txt").write_text(original + "\n")
    refused("被改动")
    (copy / "requirements.txt").write_text(original)
    for line, other, words in (("python=3.", "python=2.", "用于 Python"), ("machine=", "machine=other-", "用于 other-"), ("glibc=2.", "glibc=9.", "glibc")):
        about = (bundle / "about.txt").read_text()
        (copy / "about.txt").unlink()
        (copy / "about.txt").write_text(about.replace(line, other))
        sums = (bundle / "SHA256SUMS").read_text()
        (copy / "SHA256SUMS").unlink()
        digests = {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in (bundle / "about.txt", copy / "about.txt")}
        (copy / "SHA256SUMS").write_text(sums.replace(*digests.values()))
        refused(words)
