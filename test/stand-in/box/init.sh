#!/bin/sh
#
# Process 1 of the machine: gets an address by DHCP, then runs the stand-in guest behind port 22. When the guest shuts
# down, the machine does, too. Logs to the console.

PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmp /run
mount -t tmpfs tmp /tmp
mkdir -p /run/sshd
modprobe virtio_net
modprobe tun
ip link set lo up
ip link set eth0 up
cat >/run/leased <<'END'
#!/bin/sh
[ "$1" = bound ] && ip addr replace "$ip/$mask" dev "$interface" && echo "box: $ip"
END
chmod 755 /run/leased
busybox udhcpc -q -n -t 10 -i eth0 -s /run/leased

echo "box: starting"
/stand-in/node /stand-in/serve.mjs /stand-in </dev/null
echo "box: off"
busybox poweroff -f
