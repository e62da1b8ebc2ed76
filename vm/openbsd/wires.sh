#!/bin/sh
#
# One host of the lab as an OpenBSD machine on real networks, as root, after provision.sh:
#
#	wires.sh client [INSIDE]	wires.sh firewall [OUTSIDE INSIDE]	wires.sh server [OUTSIDE]
#
# By default it takes the interfaces that are not in the group "management", in the order of ifconfig(8). The default
# route stays; routes to the other network go through the firewall. Safe to repeat.

set -eu

die() {
	echo "wires: $*" >&2
	exit 1
}

# Configures interface $1, now and at boot, by standard input in the format of hostname.if(5).
configure() {
	cat >"/etc/hostname.$1"
	chown root:wheel "/etc/hostname.$1"
	chmod 640 "/etc/hostname.$1"
	sh /etc/netstart "$1"
	echo "wires: $1"
}

# Turns PF off, now and at boot: the rules that provision.sh loaded are for the firewall.
unfiltered() {
	rcctl disable pf
	pfctl -q -d 2>/dev/null || :
}

[ "$(id -u)" -eq 0 ] || die "must be root"
role=${1-}
case $role in
client | server)	wanted=1 ;;
firewall)		wanted=2 ;;
*)			die "say client, firewall or server" ;;
esac
shift
if [ $# -eq 0 ]; then
	management=$(ifconfig management 2>/dev/null | sed -n 's/^\([a-z]*[0-9]*\): flags.*/\1/p')
	# shellcheck disable=SC2046 # one word an interface
	set -- $(ifconfig | sed -En 's/^((vio|em|vmx)[0-9]+): .*/\1/p' | grep -vx "${management:-none}")
fi
[ $# -eq "$wanted" ] || die "$role needs $wanted interfaces, these are: $*"

case $role in
client)
	configure "$1" <<-END
		inet 10.0.0.5 255.255.255.0
		inet6 2001:db8:1::5 64
		!route -qn add -net 198.51.100.0/24 10.0.0.1
		!route -qn add -inet6 2001:db8:2:: -prefixlen 64 2001:db8:1::1
	END
	unfiltered
	;;
server)
	configure "$1" <<-END
		inet 198.51.100.7 255.255.255.0
		inet6 2001:db8:2::7 64
		!route -qn add -inet6 2001:db8:1:: -prefixlen 64 2001:db8:2::1
	END
	unfiltered
	;;
firewall)
	configure "$1" <<-END
		inet 198.51.100.1 255.255.255.0
		inet6 2001:db8:2::1 64
	END
	configure "$2" <<-END
		inet 10.0.0.1 255.255.255.0
		inet6 2001:db8:1::1 64
	END
	sed -i -e "s/^ext_if = .*/ext_if = \"$1\"/" -e "s/^int_if = .*/int_if = \"$2\"/" /etc/pf.conf
	pfctl -f /etc/pf.conf
	;;
esac
