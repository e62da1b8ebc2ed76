#!/bin/sh
# Installs the real programs of the compatibility matrix on Debian. Clients are installed as packages. Servers, whose
# packages conflict, are unpacked side by side into a folder, where no service starts them. Needs root. The harness
# looks for them in the default folder.
#
# usage: install.sh [folder]
set -eu

folder=${1:-/usr/local/lib/anchorage/programs}
clients="curl inetutils-ftp lftp ncftp python3 tnftp wget"
servers="inetutils-ftpd proftpd-core pure-ftpd python3-pyftpdlib vsftpd"

if [ "$(id -u)" != 0 ]; then
  echo "install.sh: only root can install packages: sudo $0" >&2
  exit 1
fi
if ! command -v apt-get >/dev/null; then
  echo "install.sh: there is no apt-get here; install these yourself: $clients $servers" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 # a list of names
apt-get install -q -y --no-install-recommends $clients

archives=$(mktemp -d)
trap 'rm -rf "$archives"' EXIT
mkdir "$archives/partial"
for server in $servers; do
  # One server at a time, with the libraries that it lacks, since the packages conflict.
  apt-get install -q -y --download-only --no-install-recommends \
    -o "Dir::Cache::archives=$archives" -o APT::Sandbox::User=root "$server"
done
mkdir -p "$folder"
for package in "$archives"/*.deb; do
  if [ -e "$package" ]; then dpkg-deb --extract "$package" "$folder"; fi
done
echo "The servers are in $folder"
