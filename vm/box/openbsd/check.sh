#!/bin/sh
#
# Checks that the system on a disk image boots to the login prompt. Discards all changes, so that each machine made
# from the box has its own first boot and its own keys.
#
#	check.sh WORK DISK

set -eu

here=$(cd -- "$(dirname -- "$0")" && pwd)
work=$1
disk=$2
name=check

die() {
	echo "box: $*" >&2
	exit 1
}

# shellcheck source-path=SCRIPTDIR source=../console.sh
. "$here/../console.sh"

boot 1800 -snapshot -drive "file=$disk,if=virtio,format=qcow2" -device virtio-rng-pci \
    -netdev user,id=net -device virtio-net-pci,netdev=net
await 'login:' || die "it does not come up; the console is in $console"
power_button
ended
echo "box: it comes up, and goes down by itself"
