#!/bin/sh
#
# Makes a disk image with the user "vagrant" from FreeBSD's official cloud image:
#
#	install.sh IMAGE.qcow2.xz WORK DISK
#
# The image is booted once with a CD labelled "cidata", where its own nuageinit(7) finds user-data. It fetches
# packages, so the machine needs the network.

set -eu

here=$(cd -- "$(dirname -- "$0")" && pwd)
image=$1
work=$2
disk=$3
name=install

die() {
	echo "box: $*" >&2
	exit 1
}

# shellcheck source-path=SCRIPTDIR source=../console.sh
. "$here/../console.sh"

seed() {
	for program in genisoimage mkisofs xorrisofs; do
		if command -v "$program" >/dev/null; then
			"$program" -quiet -volid cidata -joliet -rock -output "$1" "$2"
			return
		fi
	done
	die "genisoimage is missing; install it (apt-get install genisoimage)"
}

rm -rf "$work/cidata"
mkdir -p "$work/cidata"
printf 'instance-id: anchorage\nlocal-hostname: freebsd\n' >"$work/cidata/meta-data"
sed "s|@KEY@|$(cat "$here/../vagrant.pub")|" "$here/user-data" >"$work/cidata/user-data"
seed "$work/cidata.iso" "$work/cidata"

rm -f "$disk.part"
echo "box: unpacking $(basename "$image")"
xz -dc "$image" >"$disk.part"
boot 3600 -drive "file=$disk.part,if=virtio,format=qcow2" -drive "file=$work/cidata.iso,media=cdrom,readonly=on" \
    -device virtio-rng-pci -netdev user,id=net -device virtio-net-pci,netdev=net
echo "box: first boot"
await 'anchorage: the box is ready' || die "it went down before it was ready; the console is in $console"
ended
mv "$disk.part" "$disk"
echo "box: installed"
