#!/bin/sh
# Builds the images from Debian packages. Servers, whose packages exclude each other, are unpacked one beside the other.
#
# usage: build.sh FOLDER; DOCKER_HOST is the Docker that gets the images
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
packages=$folder/packages
mkdir -p "$packages" "$folder/archives/partial"

# Extracted only: no package is configured, which would take most of the time. One mmdebstrap(1) for all images.
mmdebstrap --quiet --variant=extract --include=coreutils,curl,dash,grep,hostname,lftp,libacl1,libcap2,libc-bin,libcrypt1,libpam-modules \
  --include=libpcre2-8-0,libssl3,libwrap0,passwd,python3,sed,zlib1g \
  --extract-hook="cp '$here/start' '$here/inetd.py' '$here/ftpd.py' \"\$1\"" \
  bookworm - | docker import - anchorage-test/base >/dev/null &
base=$!

unpacked() {
  name=$1
  shift
  for package in "$@"; do
    (cd "$folder/archives" && apt-get download -q -o APT::Sandbox::User=root "$package" >/dev/null)
    dpkg-deb --extract "$folder/archives/$package"_*.deb "$packages/$name"
  done
  # The base has /lib and others as links into /usr.
  for merged in bin lib sbin; do
    if [ -d "$packages/$name/$merged" ]; then
      mkdir -p "$packages/$name/usr/$merged"
      cp -a "$packages/$name/$merged/." "$packages/$name/usr/$merged"
      rm -r "${packages:?}/$name/$merged"
    fi
  done
}
unpacked vsftpd vsftpd
unpacked proftpd proftpd-core libhiredis0.14 libhashkit2 libmemcached11 libmemcachedutil2 libpcre2-posix3
unpacked pure-ftpd pure-ftpd pure-ftpd-common libsodium23
unpacked inetutils-ftpd inetutils-ftpd
unpacked pyftpdlib python3-pyftpdlib

cp "$here/Dockerfile" "$folder"
wait "$base"
for image in vsftpd proftpd pure-ftpd inetutils-ftpd pyftpdlib curl lftp; do
  docker build -q --target "$image" -t "anchorage-test/$image" "$folder" >/dev/null
done
