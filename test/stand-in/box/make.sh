#!/bin/sh
#
# Makes a disk that starts in QEMU and runs the stand-in guest behind ssh:
#
#	make.sh PAYLOAD DISK.qcow2
#
# The disk has a small Debian from the mirrors of this machine's apt, with Debian's kernel for clouds. PAYLOAD becomes
# its /stand-in: node, serve.mjs and their files (box.ts). This needs no loop device and no mount.

set -eu

die() {
	echo "make: $*" >&2
	exit 1
}

[ $# -eq 2 ] || die "usage: make.sh PAYLOAD DISK.qcow2"
here=$(cd -- "$(dirname -- "$0")" && pwd)
payload=$1
disk=$2
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

folder=$(mktemp -d "$(dirname -- "$disk")/make.XXXXXXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
root=$folder/root

# --- The contents -------------------------------------------------------------------------------------------------

kernel=$(apt-cache depends linux-image-cloud-amd64 | awk '$1 == "Depends:" { print $2; exit }')
[ -n "$kernel" ] || die "apt knows no linux-image-cloud-amd64"
(cd "$folder" && apt-get -q -o APT::Sandbox::User=root download "$kernel" >/dev/null) || die "$kernel cannot be had"
dpkg-deb -x "$folder/$kernel"_*.deb "$folder/kernel"
version=$(basename "$folder"/kernel/lib/modules/*)

# Without a suite's name and a mirror: this machine's own.
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mmdebstrap --quiet --mode=root --variant=essential \
    --include=busybox-static,iproute2,kmod,libstdc++6,mksh,mount,netbase,nftables,openssh-client,openssh-server,procps \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' "$suite" "$root" >&2

modules=lib/modules/$version
mkdir -p "$root/usr/$modules/kernel"
cp "$folder/kernel/$modules"/modules.* "$root/usr/$modules/"
for part in crypto drivers/block drivers/net/tun.ko drivers/net/veth.ko drivers/net/virtio_net.ko drivers/virtio lib net; do
	[ ! -e "$folder/kernel/$modules/kernel/$part" ] ||
		(cd "$folder/kernel/$modules/kernel" && cp -r --parents "$part" "$root/usr/$modules/kernel/")
done
for module in net/core/failover drivers/net/net_failover; do
	[ ! -e "$folder/kernel/$modules/kernel/$module.ko" ] ||
		(cd "$folder/kernel/$modules/kernel" && cp --parents "$module.ko" "$root/usr/$modules/kernel/")
done
depmod -b "$root/usr" "$version"
cp -r "$payload" "$root/stand-in"
install -m 755 "$here/init.sh" "$root/sbin/init"

# The kernel finds its disk by modules that are on it: they, and busybox to load them, come beforehand.
early=$folder/early
mkdir -p "$early/bin" "$early/modules" "$early/dev" "$early/root"
cp "$root/bin/busybox" "$early/bin/"
ln -s busybox "$early/bin/sh"
install -m 755 "$here/early.sh" "$early/init"
modprobe -d "$root/usr" -S "$version" --show-depends virtio_pci >"$folder/wanted"
modprobe -d "$root/usr" -S "$version" --show-depends virtio_blk >>"$folder/wanted"
number=10
awk '$1 == "insmod" && !seen[$2]++ { print $2 }' "$folder/wanted" | while read -r module; do
	cp "$module" "$early/modules/$number-$(basename "$module")"
	number=$((number + 1))
done
(cd "$early" && find . | cpio --quiet -o -H newc | gzip -1) >"$folder/initrd"

# --- The disk -----------------------------------------------------------------------------------------------------

# A little FAT for the boot loader, the rest for Linux.
raw=$folder/raw
truncate -s 1G "$raw"
sfdisk --quiet "$raw" <<-END
	label: dos
	start=2048, size=65536, type=6, bootable
	start=67584, type=83
END
dd if=/usr/lib/syslinux/mbr/mbr.bin of="$raw" conv=notrunc status=none
mkfs.vfat --offset=2048 -F 16 "$raw" 32768 >/dev/null
cat >"$folder/syslinux.cfg" <<-END
	DEFAULT linux
	PROMPT 0
	LABEL linux
	    KERNEL vmlinuz
	    INITRD initrd
	    APPEND console=ttyS0 quiet panic=5 mitigations=off net.ifnames=0
END
mcopy -i "$raw@@1M" "$folder/kernel/boot/vmlinuz-$version" ::vmlinuz
mcopy -i "$raw@@1M" "$folder/initrd" ::initrd
mcopy -i "$raw@@1M" "$folder/syslinux.cfg" ::syslinux.cfg
syslinux --install -t $((2048 * 512)) "$raw"
mkfs.ext4 -q -F -O ^has_journal -d "$root" -E offset=$((67584 * 512)) "$raw" 950M
qemu-img convert -O qcow2 "$raw" "$disk"
