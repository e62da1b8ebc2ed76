#!/bin/sh
#
# Installs OpenBSD on a new disk image, unattended, from verified files:
#
#	install.sh VERSION FILES WORK DISK
#
# FILES has pxeboot, bsd.rd, SHA256.sig and the sets. WORK is a folder for temporary files. DISK is the result.
#
# The machine boots from the network: QEMU's TFTP server has pxeboot(8) and the ramdisk kernel, so the console is on
# the serial line without a key press. The installer gets its answers (autoinstall(8)) there and all files from
# 10.0.2.100, an address that QEMU serves by serve.sh.

set -eu

here=$(cd -- "$(dirname -- "$0")" && pwd)
version=$1
files=$2
work=$3
disk=$4
number=$(echo "$version" | tr -d .)
name=install

die() {
	echo "box: $*" >&2
	exit 1
}

# shellcheck source-path=SCRIPTDIR source=../console.sh
. "$here/../console.sh"

rm -rf "$work/tftp" "$work/http"
mkdir -p "$work/tftp/etc" "$work/http/sets"
cp "$files/pxeboot" "$work/tftp/pxeboot"
# pxeboot loads the file bsd after five seconds.
cp "$files/bsd.rd" "$work/tftp/bsd"
printf 'stty com0 115200\nset tty com0\n' >"$work/tftp/etc/boot.conf"

sed -e "s|@KEY@|$(cat "$here/../vagrant.pub")|" -e "s|@VERSION@|$number|" \
    "$here/install.conf" >"$work/http/install.conf"
cp "$here/disklabel" "$work/http/disklabel"
for file in "$files"/*; do
	ln -f "$file" "$work/http/sets/" 2>/dev/null || cp "$file" "$work/http/sets/"
done
(cd "$work/http/sets" && ls -ln) >"$work/http/index.txt"
mv "$work/http/index.txt" "$work/http/sets/index.txt"

rm -f "$disk.part"
qemu-img create -q -f qcow2 "$disk.part" 12G
boot 7200 -boot once=n -drive "file=$disk.part,if=virtio,format=qcow2" -device virtio-rng-pci \
    -netdev "user,id=net,tftp=$work/tftp,bootfile=pxeboot,guestfwd=tcp:10.0.2.100:80-cmd:sh $here/../serve.sh $work/http" \
    -device virtio-net-pci,netdev=net

failed() {
	tail -n 20 "$console" >&2
	die "$1; the console is in $console"
}

await '\(A\)utoinstall' || failed "the installer did not start"
echo "box: the installer runs"
# Booted from the network, it goes on by itself after five seconds.
grep -q 'Starting non-interactive mode' "$console" || type_line a
await 'Response file location\?' || failed "it did not ask for its answers"
type_line http://10.0.2.100/install.conf
await 'non-interactive install|Question has no answer' || failed "it did not get its answers"

# Prints each step of the installer once.
told=$work/$name.told
: >"$told"
tell() {
	tr '\r' '\n' <"$console" | sed -En \
	    's/^(Get\/Verify|Installing|Relinking)( [A-Za-z0-9.-]+).*/box: \1\2/p; s/^(Making all device nodes).*/box: \1/p' |
	    sort -u >"$told.new"
	sort "$told" "$told.new" | uniq -u
	mv "$told.new" "$told"
}

# At the end it restarts the machine, which ends QEMU.
while alive; do
	! grep -Eq 'Question has no answer|non-interactive mode aborted|check /tmp/ai/ai.log|panic:' "$console" ||
		failed "the installation failed"
	tell
	in_time "installing"
	sleep 0.5
done
tell
ended
grep -q 'CONGRATULATIONS' "$console" || failed "the machine stopped before the installation was done"
mv "$disk.part" "$disk"
echo "box: installed"
