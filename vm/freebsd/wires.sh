#!/bin/sh
#
# One host of the lab as a FreeBSD machine on real networks, as root, after provision.sh:
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

# Gives interface $1 the addresses $2 and $3, now and at boot.
configure() {
	sysrc "ifconfig_$1=inet $2/24" "ifconfig_$1_ipv6=inet6 $3 prefixlen 64" >/dev/null
	ifconfig "$1" inet "$2/24" up
	ifconfig "$1" inet6 "$3/64" -ifdisabled up
	echo "wires: $1"
}

# Adds a route with the name $1 to network $2 through $3, now and at boot.
by_firewall() {
	sysrc static_routes+="$1" "route_$1=-net $2 $3" >/dev/null
	route -q delete -net "$2" >/dev/null 2>&1 || :
	route -q add -net "$2" "$3" >/dev/null
}

by_firewall6() {
	sysrc ipv6_static_routes+="$1" "ipv6_route_$1=-net $2 $3" >/dev/null
	route -q delete -6 -net "$2" >/dev/null 2>&1 || :
	route -q add -6 -net "$2" "$3" >/dev/null
}

# Turns PF off, now and at boot: the rules that provision.sh loaded are for the firewall.
unfiltered() {
	sysrc pf_enable=NO >/dev/null
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
	management=$(ifconfig -g management)
	# shellcheck disable=SC2046 # one word an interface
	set -- $(ifconfig -l ether | tr ' ' '\n' | grep -E '^(vtnet|em|vmx)[0-9]+$' | grep -vx "${management:-none}")
fi
[ $# -eq "$wanted" ] || die "$role needs $wanted interfaces, these are: $*"

case $role in
client)
	configure "$1" 10.0.0.5 2001:db8:1::5
	by_firewall outside 198.51.100.0/24 10.0.0.1
	by_firewall6 outside 2001:db8:2::/64 2001:db8:1::1
	unfiltered
	;;
server)
	configure "$1" 198.51.100.7 2001:db8:2::7
	by_firewall6 inside 2001:db8:1::/64 2001:db8:2::1
	unfiltered
	;;
firewall)
	configure "$1" 198.51.100.1 2001:db8:2::1
	configure "$2" 10.0.0.1 2001:db8:1::1
	sed -i '' -e "s/^ext_if = .*/ext_if = \"$1\"/" -e "s/^int_if = .*/int_if = \"$2\"/" /etc/pf.conf
	pfctl -q -f /etc/pf.conf
	;;
esac
