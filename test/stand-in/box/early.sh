#!/bin/sh
#
# The first program of the machine, run by busybox: loads the modules for its disk, then starts init from there.

for module in /modules/*; do
	/bin/busybox insmod "$module"
done
/bin/busybox mount -t devtmpfs dev /dev
while [ ! -b /dev/vda2 ]; do
	/bin/busybox sleep 1
done
/bin/busybox mount -t ext4 /dev/vda2 /root
/bin/busybox umount /dev
exec /bin/busybox switch_root /root /sbin/init
