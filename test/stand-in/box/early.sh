#!/bin/sh
#
# The first program of the machine, read by busybox before it sees its disk: loads the modules for that, goes on there.

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
