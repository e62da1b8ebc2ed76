#!/bin/sh
#
# Compares files with their makers' published checksums:
#
#	verify.sh openbsd KEY DIR FILE ...	signify(1): DIR/SHA256.sig is signed with KEY, and has each FILE's checksum
#	verify.sh freebsd LIST DIR FILE ...	each FILE has the checksum that LIST (CHECKSUM.SHA512) has for it
#
# Exit 0 if all are right. The message for a wrong file names it and the remedy.

set -eu

die() {
	echo "verify: $*" >&2
	exit 1
}

[ $# -ge 4 ] || die "usage: verify.sh openbsd|freebsd KEY|LIST DIR FILE ..."
system=$1
proof=$2
dir=$3
shift 3
[ -f "$proof" ] || die "no file $proof"
case $proof in
/*)	;;
*)	proof=$PWD/$proof ;;
esac
cd -- "$dir"
for file; do
	[ -f "$file" ] || die "no file $dir/$file"
done

case $system in
openbsd)
	for signify in signify-openbsd signify-osx signify; do
		! command -v "$signify" >/dev/null || break
	done
	command -v "$signify" >/dev/null || die "signify is missing; install it (apt-get install signify-openbsd)"
	"$signify" -C -p "$proof" -x SHA256.sig "$@" ||
		die "$dir is not what OpenBSD signed with $(basename "$proof"): remove what is named above and fetch it again"
	;;
freebsd)
	for file; do
		expected=$(sed -n "s/^SHA512 ($file) = //p" "$proof")
		[ -n "$expected" ] || die "$proof has no line for $file"
		actual=$(sha512sum "$file" | sed 's/ .*//')
		[ "$actual" = "$expected" ] || die "$dir/$file has another checksum than $(basename "$proof") says: remove it and fetch it again"
		echo "$file: OK"
	done
	;;
*)	die "openbsd or freebsd, not $system" ;;
esac
