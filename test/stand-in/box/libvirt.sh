#!/bin/sh
#
# Runs libvirtd as process 1 of namespaces from unshare(1). Prints the process's number outside once libvirtd answers.
# Ends, with all machines, when its standard input ends.

set -eu
PATH=$PATH:/usr/sbin:/sbin
# /proc is still the outer one.
read -r outside _ </proc/self/stat

mount -t proc proc /proc
mount -t sysfs sys /sys
mkdir -p /etc/libvirt
for place in /etc/libvirt /run /var/cache /var/lib /var/log; do
	mount -t tmpfs own "$place"
done
mkdir -p /run/lock /var/lib/misc
ip link set lo up

# The users that the package libvirt-daemon-system makes.
account() {
	file=$1
	shift
	cp "/etc/$file" "/run/$file"
	for line in "$@"; do
		grep -q "^${line%%:*}:" "/run/$file" || echo "$line" >>"/run/$file"
	done
	mount --bind "/run/$file" "/etc/$file"
}
account passwd libvirt-qemu:x:64055:64055::/:/usr/sbin/nologin
account group libvirt-qemu:x:64055: kvm:x:64056:

cat >/etc/libvirt/libvirtd.conf <<-END
	auth_unix_rw = "none"
END
cat >/etc/libvirt/qemu.conf <<-END
	user = "root"
	group = "root"
	security_driver = "none"
	stdio_handler = "file"
	namespaces = []
	cgroup_controllers = []
END
libvirtd >/run/libvirtd.log 2>&1 &
daemon=$!
until virsh -q -c qemu:///system list >/dev/null 2>&1; do
	if ! kill -0 "$daemon" 2>/dev/null; then
		cat /run/libvirtd.log >&2
		exit 1
	fi
	sleep 0.2
done
echo "$outside"
cat >/dev/null
