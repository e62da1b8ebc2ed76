#!/bin/sh
#
# Makes the site set that the installer unpacks last, siteNN.tgz of install.site(5):
#
#	site-set.sh MIRROR SITE.tgz

set -eu

here=$(cd -- "$(dirname -- "$0")" && pwd)
mirror=$1
set=$2

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cp -R "$here/site/." "$root"
cp "$here/install.site" "$root/install.site"
chmod 755 "$root" "$root/etc" "$root/install.site"
chmod 644 "$root/etc/doas.conf"
echo "$mirror" >"$root/etc/installurl"
# The same input makes the same set.
tar -C "$root" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --format=ustar -cf - etc install.site |
    gzip -9n >"$set"
