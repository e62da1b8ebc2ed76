#!/bin/sh
#
# Makes a Vagrant box of a release in ../releases.json from its makers' own files, on any Linux with QEMU:
#
#	build.sh RELEASE [--provider libvirt|virtualbox] [--from DIR] [--key FILE] [--work DIR] [--no-add]
#
#	RELEASE		openbsd-7.8, freebsd-14 …
#	--provider	the provider of the box; by default libvirt
#	--from DIR	a folder with the release's files, so that nothing is downloaded
#	--key FILE	OpenBSD: the release's public key (openbsd-78-base.pub), if you have it from somewhere you trust
#			FreeBSD: the list of checksums (CHECKSUM.SHA512)
#	--work DIR	the folder of downloads, disk and box; by default ~/.cache/anchorage/RELEASE
#	--no-add	do not give the box to Vagrant
#
# After an interruption run it again: it repeats no finished part. It checks each file before use: OpenBSD's against
# its signature by signify(1), FreeBSD's against the published checksum.

set -eu

here=$(cd -- "$(dirname -- "$0")" && pwd)
provider=libvirt
from=
key=
work=
add=yes

die() {
	echo "box: $*" >&2
	exit 1
}

say() {
	echo "box: $*"
}

usage() {
	sed -n 's/^#	build.sh/usage: build.sh/p' "$0" >&2
	exit 2
}

[ $# -ge 1 ] || usage
release=$1
shift
while [ $# -gt 0 ]; do
	case $1 in
	--no-add)	add=no; shift; continue ;;
	--provider | --from | --key | --work)
		[ $# -ge 2 ] || usage
		;;
	*)	usage ;;
	esac
	case $1 in
	--provider)	provider=$2 ;;
	--from)		from=$2 ;;
	--key)		key=$2 ;;
	--work)		work=$2 ;;
	esac
	shift 2
done
case $provider in
libvirt | virtualbox)	;;
*)			usage ;;
esac

command -v node >/dev/null || die "node is missing; this project needs version 20 or later"
table=$here/../releases.json
# Prints field $1 of the release, a list separated by blanks.
# shellcheck disable=SC2016 # JavaScript
field() {
	node -e '
		const [table, release, field] = process.argv.slice(1);
		const releases = JSON.parse(require("node:fs").readFileSync(table, "utf8")).releases;
		if (!(release in releases)) {
			console.error(`box: no release ${release}; there are: ${Object.keys(releases).join(" ")}`);
			process.exit(1);
		}
		console.log([releases[release][field]].flat().join(" "));
	' "$table" "$release" "$1"
}
system=$(field system) || exit 1
version=$(field version)
mirror=$(field mirror)
wanted=$(field files)
keyname=$(field key)
own=$(field own)

[ -z "$from" ] || [ -d "$from" ] || die "no folder $from"
[ -n "$work" ] || work=${XDG_CACHE_HOME:-$HOME/.cache}/anchorage/$release
mkdir -p "$work"
work=$(cd -- "$work" && pwd)
case $work in
*[,\ ]*)	die "QEMU cannot be told of a folder with a comma or a blank in its name: $work" ;;
esac
files=$work/files
mkdir -p "$files"

# Only one build at a time; the lock of a killed one does not count.
if ! (set -C && echo $$ >"$work/lock") 2>/dev/null; then
	! kill -0 "$(cat "$work/lock")" 2>/dev/null || die "another build.sh is at work in $work"
	echo $$ >"$work/lock"
fi
trap 'rm -f "$work/lock"' EXIT
trap 'exit 1' HUP INT TERM

# --- Required programs --------------------------------------------------------------------------------------------

# Checks before any download. $1 is a package of Debian, the rest are programs, of which one is enough.
lacking=
want() {
	package=$1
	shift
	for program in "$@"; do
		! command -v "$program" >/dev/null || return 0
	done
	lacking="$lacking $package"
}
[ -n "$from" ] || want curl curl
want "qemu-system-x86 ipxe-qemu" qemu-system-x86_64
want qemu-utils qemu-img
case $system in
openbsd)	want signify-openbsd signify-openbsd signify ;;
freebsd)	want xz-utils xz; want genisoimage genisoimage mkisofs xorrisofs ;;
esac
[ -z "$lacking" ] || die "this machine lacks what makes a box; on Debian or Ubuntu: sudo apt-get install$lacking"

# --- The files ----------------------------------------------------------------------------------------------------

# Prints the URL of file $1 on the mirror.
url() {
	case $system in
	openbsd)	echo "$mirror/$version/amd64/$1" ;;
	freebsd)	echo "$mirror/$version-RELEASE/amd64/Latest/$1" ;;
	esac
}

# Copies or downloads file $1 into $files.
bring() {
	if [ -n "$from" ]; then
		[ -f "$from/$1" ] || die "no $1 in $from; it must have $(wants | tr '\n' ' ')from $(url '')"
		[ -f "$files/$1" ] || cp "$from/$1" "$files/$1"
	else
		sh "$here/fetch.sh" "$(url "$1")" "$files/$1" || offline
	fi
}

# Prints the names of the release's files, one a line.
wants() {
	case $system in
	openbsd)	echo SHA256.sig ;;
	freebsd)	[ -n "$key" ] || echo "$keyname" ;;
	esac
	# shellcheck disable=SC2086 # a list of names
	printf '%s\n' $wanted
}

offline() {
	die "without a network: bring the files from elsewhere and give their folder with --from DIR$(
		[ "$system" != openbsd ] || [ -n "$key" ] || echo " and $keyname with --key FILE"
	). They are
$(wants | sed 's/^/    /')
from $(url '')"
}

# Sets $key to the file with OpenBSD's public key. A key from the network counts only if two independent sites, reached
# by TLS, have the same.
find_key() {
	for place in "$here/keys" /etc/signify /usr/share/signify-openbsd-keys "$work/keys"; do
		if [ -f "$place/$keyname" ]; then
			key=$place/$keyname
			say "key $key"
			return
		fi
	done
	[ -z "$from" ] || die "no $keyname on this machine: bring it too, for --key FILE, from
    https://ftp.openbsd.org/pub/OpenBSD/$version/$keyname"
	mkdir -p "$work/keys"
	sh "$here/fetch.sh" "https://ftp.openbsd.org/pub/OpenBSD/$version/$keyname" "$work/keys/one" || offline
	sh "$here/fetch.sh" "https://raw.githubusercontent.com/openbsd/src/master/etc/signify/$keyname" "$work/keys/two" ||
		offline
	if [ "$(sed -n 2p "$work/keys/one")" != "$(sed -n 2p "$work/keys/two")" ]; then
		rm "$work/keys/one" "$work/keys/two"
		die "ftp.openbsd.org and github.com/openbsd have different keys named $keyname; give the right one with --key"
	fi
	mv "$work/keys/one" "$work/keys/$keyname"
	rm "$work/keys/two"
	key=$work/keys/$keyname
	say "key $keyname, the same at ftp.openbsd.org and github.com/openbsd: $(sed -n 2p "$key")"
}

case $system in
openbsd)
	[ -n "$key" ] || find_key
	bring SHA256.sig
	;;
freebsd)
	if [ -z "$key" ]; then
		bring "$keyname"
		key=$files/$keyname
	fi
	;;
esac
for file in $wanted; do
	bring "$file"
done
# shellcheck disable=SC2086 # a list of names
sh "$here/verify.sh" "$system" "$key" "$files" $wanted

# --- The disk -----------------------------------------------------------------------------------------------------

# The checksum of the disk's ingredients; a new sum means a new disk.
case $system in
openbsd)	list=$files/SHA256.sig ;;
freebsd)	list=$key ;;
esac
recipe=$(cd "$here" && find "$system" -type f | LC_ALL=C sort)
# shellcheck disable=SC2086 # a list of names
sum=$(cd "$here" && cat "$list" vagrant.pub $recipe | sha256sum | cut -c 1-16)
disk=$work/disk-$sum.qcow2
if [ -f "$disk" ]; then
	say "the disk is there: $disk"
else
	case $system in
	openbsd)
		sh "$here/openbsd/site-set.sh" "$mirror" "$files/site$(echo "$version" | tr -d .).tgz"
		sh "$here/openbsd/install.sh" "$version" "$files" "$work" "$disk"
		sh "$here/openbsd/check.sh" "$work" "$disk"
		;;
	freebsd)
		sh "$here/freebsd/install.sh" "$files/$wanted" "$work" "$disk"
		;;
	esac
fi

# --- The box ------------------------------------------------------------------------------------------------------

box=$work/$release-$provider-$sum.box
if [ -f "$box" ]; then
	say "the box is there: $box"
else
	say "packing for $provider"
	sh "$here/pack.sh" "$provider" "$system" "$disk" "$box"
fi
if [ "$add" = yes ] && command -v vagrant >/dev/null; then
	vagrant box add --force --provider "$provider" --name "$own" "$box"
else
	say "to use it: vagrant box add --provider $provider --name $own $box"
fi
