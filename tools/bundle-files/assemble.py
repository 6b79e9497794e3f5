"""Part of tools/bundle: choose the wheels, check that the program's own wheel is whole, write the pins of the bundle."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
import sys
import zipfile
from pathlib import Path


def key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def glibc(wheel: str) -> tuple[int, int]:
    """The oldest glibc that a wheel says it runs with; (0, 0) for one without machine code."""
    found = [(int(a), int(b)) for a, b in re.findall(r"manylinux_(\d+)_(\d+)", wheel)] + [(2, 17)] * ("manylinux2014" in wheel)
    return min(found, default=(0, 0))


def main() -> None:
    work, everything = Path(sys.argv[1]), sys.argv[2] == "true"
    report = json.loads((work / "report.json").read_text())
    needed = {key(item["metadata"]["name"]) for item in report["install"]} - {"wenmai"}
    found = {key(p.name.split("-")[0]): p for p in sorted((work / "all").glob("*.whl"))}
    if missing := needed - set(found):
        raise SystemExit(f"not in the lock: {sorted(missing)}")
    chosen = found if everything else {k: p for k, p in found.items() if k in needed}
    pins = []
    for name, path in sorted(chosen.items()):
        shutil.copy2(path, work / "bundle/wheels" / path.name)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        pins.append(f"{name}=={path.name.split('-')[1]} --hash=sha256:{digest}")
    (work / "bundle/requirements.txt").write_text("\n".join(pins) + "\n")
    (own,) = (work / "own").glob("wenmai-*.whl")
    with zipfile.ZipFile(own) as wheel:
        packed = set(wheel.namelist())
    source = work / "source/src"
    here = {p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file() and "__pycache__" not in p.parts and "egg-info" not in str(p)}
    if lost := sorted(here - packed):
        raise SystemExit(f"not in the wheel (pyproject.toml, package-data): {lost[:10]}")
    shutil.copy2(own, work / "bundle/wheels" / own.name)
    about = {
        "version": own.name.split("-")[1], "python": f"{sys.version_info[0]}.{sys.version_info[1]}", "machine": platform.machine(),
        "glibc": ".".join(str(n) for n in max(glibc(p.name) for p in chosen.values())),
    }  # fmt: skip
    (work / "bundle/about.txt").write_text("".join(f"{k}={v}\n" for k, v in about.items()))


main()
