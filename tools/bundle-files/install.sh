#!/usr/bin/env bash
# 离线安装文脉。用法：./install.sh [安装目录]（默认 /opt/wenmai）
# 只用本目录里的文件，不访问网络。已有安装时装成新的一份，核对通过后才切换，旧的一份保留。
set -euo pipefail
umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$(realpath -m "${1:-/opt/wenmai}")
need_mb=2000
say() { printf '%s\n' "$*"; }
die() { printf '错误 %s\n' "$*" >&2; exit 1; }
value() { sed -n "s/^$1=//p" "$here/about.txt"; }

command -v sha256sum >/dev/null || die "缺少 sha256sum（软件包 coreutils）"
say "一、核对安装包"
(cd "$here" && sha256sum --quiet --check SHA256SUMS >/dev/null 2>&1) || die "安装包不完整或被改动，请重新拷贝"
extra=$(cd "$here" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | comm -23 - <(sed 's/^[0-9a-f]*  //' SHA256SUMS | LC_ALL=C sort))
[ -z "$extra" ] || die "安装包里多出文件：$extra"

say "二、检查本机"
version=$(value version) wanted=$(value python) machine=$(value machine)
[ "$(uname -m)" = "$machine" ] || die "安装包用于 $machine，本机是 $(uname -m)。请在同类机器上另做安装包"
libc=$(ldd --version 2>/dev/null | head -n 1 | grep -oE '[0-9]+\.[0-9]+$' || true)
[ -n "$libc" ] && [ "$(printf '%s\n' "$(value glibc)" "$libc" | sort -V | head -n 1)" = "$(value glibc)" ] ||
  die "系统的 glibc 为“${libc:-无}”，需要 $(value glibc) 或更新"
python=${PYTHON:-$(command -v "python$wanted" || command -v python3 || true)}
[ -n "$python" ] || die "没有 Python，请先安装 system.txt 所列的系统软件包"
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || die "无法运行 $python"
[ "$found" = "$wanted" ] || die "安装包用于 Python $wanted，本机 $python 是 $found。可用 PYTHON=/路径/python$wanted 指定"
"$python" -c 'import venv, ensurepip, sqlite3, ssl' 2>/dev/null || die "Python 缺 venv 等模块，请先安装 python3-venv（见 system.txt）"
mkdir -p "$target" 2>/dev/null && [ -w "$target" ] || die "不能写 $target，请用有权限的账号，或另指定目录"
free=$(df -Pm "$target" | awk 'NR == 2 { print $4 }')
[ "$free" -ge "$need_mb" ] || die "$target 所在磁盘只剩 ${free} MB，需要 ${need_mb} MB"

say "三、安装 $version 到 $target"
new="$target/venv-$version-$(date +%Y%m%d%H%M%S)"
trap 'rm -rf "$new" "$target/.check"' EXIT
"$python" -m venv "$new"
# 不受本机 pip 设置影响：只认安装包里的文件和指纹
for name in $(compgen -e | grep '^PIP_' || true); do unset "$name"; done
unset PYTHONPATH PYTHONHOME
export PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
"$new/bin/pip" install --quiet --no-deps --require-hashes --find-links "$here/wheels" -r "$here/requirements.txt"
"$new/bin/pip" install --quiet --no-deps "$here"/wheels/wenmai-*.whl
"$new/bin/pip" check >/dev/null || die "软件包不齐"

say "四、试运行（用临时目录，不动已有数据）"
mkdir -p "$target/.check"
(cd "$target" && env -u DATABASE_URL -u DJANGO_SETTINGS_MODULE WENMAI_HOME="$target/.check" LANG=C.UTF-8 "$new/bin/wenmai" doctor) || die "试运行不通过，未切换"
rm -rf "$target/.check"

trap - EXIT
ln -sfn "$(basename "$new")" "$target/venv.next"
mv -T "$target/venv.next" "$target/venv"
cat >"$target/wenmai" <<'RUN'
#!/usr/bin/env bash
# 数据目录默认在安装目录的 data/home；可用 WENMAI_HOME 另设
set -eu
top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
export WENMAI_HOME="${WENMAI_HOME:-$top/data/home}" LANG="${LANG:-C.UTF-8}"
exec "$top/venv/bin/wenmai" "$@"
RUN
chmod +x "$target/wenmai"
say "已装好。命令：$target/wenmai；下一步见《运维手册.md》"
old=$(cd "$target" && ls -d venv-* | grep -vx "$(basename "$new")" || true)
[ -z "$old" ] || say "旧的一份仍在（确认新版可用后自行删除）：$(echo $old)"
