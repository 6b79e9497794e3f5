"""`python -m wenmai.samples DIR`: write the sample district's files into a directory."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from wenmai.base.values.errors import WenmaiError

from .big import write_big
from .district import DEFAULT_SEED, write_district


def main(arguments: list[str] | None = None) -> int:
    """Write the files and print their paths; 2 with one Chinese line on a user's mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m wenmai.samples", description="生成示例区县的样例文件（全部虚构）"
    )
    parser.add_argument("directory", type=Path, help="写入的目录，不存在时新建")
    parser.add_argument("--enterprises", type=int, default=3000, help="单位数，默认 3000")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="随机种子，相同种子得到相同文件")
    parser.add_argument("--big", type=int, metavar="ROWS", help="只写一个有 ROWS 行的大名录（压力测试用）")
    options = parser.parse_args(arguments)
    try:
        if options.big is None:
            written = write_district(options.directory, options.enterprises, options.seed)
        else:
            options.directory.mkdir(parents=True, exist_ok=True)
            path = options.directory / "大名录.csv"
            write_big(path, options.big, seed=options.seed)
            written = [path]
    except WenmaiError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for path in written:
        print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
