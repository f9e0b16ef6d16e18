#!/bin/sh
# Removes what install.sh has installed. As root:
#
#   uninstall.sh [--purge]
#
# Configuration (/etc/anomalyd), state (/var/lib/anomalyd) and logs (/var/log/anomalyd) stay, except
# with --purge. The users stay as well: files of theirs may exist elsewhere.
set -eu

fail() {
  echo "uninstall.sh: $*" >&2
  exit 1
}

purge=no
for word in "$@"; do
  case $word in
  --purge) purge=yes ;;
  *)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
    [ "$word" = --help ] || [ "$word" = -h ] || exit 2
    exit 0
    ;;
  esac
done
[ "$(id -u)" = 0 ] || fail "must be run as root"
home=$(cd "$(dirname "$0")" && pwd)
list=$home/installed-files
[ -e "$list" ] || fail "there is no $list: nothing is installed here"

# A unit that is removed while it runs could neither be stopped nor disabled any more.
systemctl disable --now --quiet anomalyd.service anomalyd-webhook.path anomalyd-webhook.service \
  2>/dev/null || true
systemctl --global disable --quiet anomalyd.service 2>/dev/null || true
while read -r file; do rm -f "$file"; done <"$list"
# The folders that are empty now, deepest first; shared ones of the system are not.
sed 's|/[^/]*$||' "$list" | sort -ru | while read -r folder; do
  case $folder in
  */anomalyd | */anomalyd/*) rmdir "$folder" 2>/dev/null || true ;;
  esac
done
rm -f "$list" "$home/uninstall.sh"
rmdir "$home" "$(dirname "$home")/doc/anomalyd" 2>/dev/null || true
[ $purge = no ] || rm -rf /etc/anomalyd /var/lib/anomalyd /var/log/anomalyd
[ ! -d /run/systemd/system ] || systemctl daemon-reload
