#!/bin/sh
# Installs anomalyd from the folder that this script is in; run a later one to upgrade. As root:
#
#   ./install.sh [--prefix /usr/local|/usr] [--no-start]
#
# Programs go to PREFIX/bin (default /usr/local), configuration to /etc/anomalyd unless it exists. The
# service is enabled and started, or restarted after an upgrade. PREFIX/share/anomalyd/uninstall.sh
# removes it again.
set -eu
umask 022

usage() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
  exit "$1"
}

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

prefix=/usr/local
start=yes
while [ $# -gt 0 ]; do
  case $1 in
  --prefix) [ $# -gt 1 ] || usage 2 >&2; prefix=$2; shift ;;
  --prefix=*) prefix=${1#*=} ;;
  --no-start) start=no ;;
  -h | --help) usage 0 ;;
  *) usage 2 >&2 ;;
  esac
  shift
done

# systemd looks for units, users and temporary files in these two only.
case $prefix in
/usr | /usr/local) ;;
*) fail "PREFIX is /usr/local or /usr, not $prefix" ;;
esac
[ "$(id -u)" = 0 ] || fail "must be run as root"
cd "$(dirname "$0")"
[ -d files/usr ] || fail "the folder files/ is not beside this script"
for query in "dpkg-query --status" "rpm --query"; do
  if $query anomalyd >/dev/null 2>&1; then fail "anomalyd is installed as a package: remove that first"; fi
done
for other in /usr /usr/local; do
  [ "$other" = "$prefix" ] || [ ! -e "$other/bin/anomalyd" ] \
    || fail "anomalyd is installed in $other: uninstall that first, or use --prefix $other"
done
for program in anomalyd anomalyctl anomalyd-webhook; do
  files/usr/bin/$program --version >/dev/null \
    || fail "$program does not run here: it needs glibc 2.36, libsystemd and libcurl (anomalyd-webhook)"
done

home=$prefix/share/anomalyd
list=$home/installed-files
upgrade=no
[ ! -e "$list" ] || upgrade=yes
mkdir -p "$home"
find files/usr -type f | sort | while read -r file; do
  target=$prefix/${file#files/usr/}
  mkdir -p "$(dirname "$target")"
  # Under another name first: a program that runs cannot be overwritten, and nobody sees half a file.
  case $file in
  files/usr/lib/systemd/*/*.service) sed "s|/usr/bin/anomaly|$prefix/bin/anomaly|g" "$file" >"$target.new" ;;
  *) cp "$file" "$target.new" ;;
  esac
  mode=644
  [ ! -x "$file" ] || mode=755
  chmod "$mode" "$target.new"
  mv -f "$target.new" "$target"
  echo "$target"
done >"$list.new"
install -m 755 uninstall.sh "$home/uninstall.sh"
# Files of the previous version that this one no longer has.
if [ -e "$list" ]; then
  sort "$list" | comm -23 - "$list.new" | while read -r file; do rm -f "$file"; done
fi
mv -f "$list.new" "$list"
mkdir -p /etc/anomalyd/anomalyd.conf.d
[ -e /etc/anomalyd/anomalyd.conf ] || install -m 644 files/etc/anomalyd/anomalyd.conf /etc/anomalyd/

systemd-sysusers anomalyd.conf
systemd-tmpfiles --create anomalyd.conf
journalctl --update-catalog 2>/dev/null || true
if [ ! -d /run/systemd/system ]; then
  echo "installed in $prefix; systemd is not running here: systemctl enable anomalyd"
  exit 0
fi
systemctl daemon-reload
if [ $upgrade = yes ]; then
  systemctl try-restart anomalyd.service
elif [ $start = yes ]; then
  systemctl enable --now --quiet anomalyd.service
fi
echo "installed in $prefix: anomalyctl status; to remove it: $home/uninstall.sh"
