#!/usr/bin/env bash
# Proves the two commands on a fresh machine: a Debian base system, Node 20, npm and nothing else, in a root of its own.
# Needs root and the Debian package debootstrap. Usage: run.sh [start|test|both] [TEST FILES ...] (default: start)
set -euo pipefail

what=${1:-start}
[ $# = 0 ] || shift
project=$(cd "$(dirname "$0")/../.." && pwd)
root=$(mktemp -d --tmpdir=/var/tmp)
chmod 755 "$root"
suite=bookworm

[ "$(id -u)" = 0 ] || { echo "run.sh: must run as root" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "run.sh: install the Debian package debootstrap" >&2; exit 2; }

mounts=(proc sys dev)
clean_up() {
  # Whatever still runs in the root holds its mounts.
  for pid in $(find /proc -maxdepth 2 -name root -lname "$root*" 2>/dev/null | cut -d/ -f3); do kill -9 "$pid" 2>/dev/null || true; done
  for name in "${mounts[@]}"; do umount -l "$root/$name" 2>/dev/null || true; done
  rm -rf --one-file-system "$root"
}
trap clean_up EXIT

echo "== Debian $suite base system"
debootstrap --variant=minbase --include=ca-certificates,libstdc++6 "$suite" "$root" >"/tmp/debootstrap.$$.log" 2>&1 ||
  { tail -5 "/tmp/debootstrap.$$.log" >&2; exit 1; }
rm -f "/tmp/debootstrap.$$.log"

echo "== Node $(node --version) and npm $(npm --version)"
install -D "$(readlink -f "$(command -v node)")" "$root/usr/local/bin/node"
mkdir -p "$root/usr/local/lib/node_modules"
cp -a "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$root/usr/local/lib/node_modules/npm"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
for file in /etc/resolv.conf /etc/hosts "$HOME/.npmrc"; do
  [ ! -e "$file" ] || install -D -m 644 "$(readlink -f "$file")" "$root$file"
done
# npm's settings and certificate authorities of this machine, so that the way to the registry is the same.
settings=$(npm config get globalconfig 2>/dev/null)
[ ! -e "$settings" ] || install -D -m 644 "$settings" "$root/usr/local/etc/npmrc"
cp "$(readlink -f /etc/ssl/certs/ca-certificates.crt)" "$root/etc/ssl/certs/ca-certificates.crt"

echo "== a clone of $(git -C "$project" rev-parse --short HEAD)"
git clone -q "$project" "$root/root/matriarch"

for name in "${mounts[@]}"; do mount --rbind "/$name" "$root/$name"; mount --make-rslave "$root/$name"; done
inside() { chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 ${npm_config_registry:+npm_config_registry=$npm_config_registry} sh -ec "cd /root/matriarch && $1"; }

if [ "$what" != test ]; then
  echo "== npm start"
  inside 'npm start -- --detach'
  inside 'npm run --silent matriarch -- status cluster-example --kubeconfig .matriarch/kubeconfig'
  inside 'npm run --silent matriarch -- down'
  echo "== the same again: the databases are still there"
  inside 'npm start -- --detach && npm run --silent matriarch -- down'
fi
if [ "$what" != start ]; then
  echo "== npm test"
  inside "npm test -- $*"
fi
echo "== passed"
