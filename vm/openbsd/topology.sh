#!/bin/sh
#
# The whole lab in one OpenBSD machine (6.9 or later), as root:
#
#	topology.sh up [forward|reverse]	builds it; does nothing if it is up
#	topology.sh status			lists the hosts and what each lacks; exit 1 unless the lab is complete
#	topology.sh reset			empties the state table and the proxy's anchors, rebuilds the lab
#	topology.sh down			removes it
#
# The firewall is the machine itself, in rdomain 0. Each other host has its own rdomain(4), at the end of
# a pair(4) whose near end is a port of a veb(4): veb0 is the outside network, veb1 the inside. The firewall has
# a vport(4) in each, where PF sees all packets that cross it. Two hosts of one network reach each other directly.
#
#	host              rdomain  wire             forward             reverse
#	client            1        pair1 - pair11   10.0.0.5            198.51.100.50
#	server            2        pair2 - pair12   198.51.100.7        10.0.0.20
#	inside-intruder   3        pair3 - pair13   10.0.0.66           the same
#	outside-intruder  4        pair4 - pair14   198.51.100.66       the same
#	firewall          0        vport0, vport1   198.51.100.1, 10.0.0.1
#
# IPv6 repeats the last number: 2001:db8:1::5, 2001:db8:2::50. A program on the client: route -T 1 exec PROGRAM.
# The hosts' ends are in the interface group "endpoint", which the files of vm/pf skip. pfctl(8) looks up a group's
# members when it loads, so load pf.conf after "up" and after "reset".

set -eu

hosts="client server inside-intruder outside-intruder"

die() {
	echo "topology: $*" >&2
	exit 1
}

say() {
	echo "topology: $*"
}

usage() {
	echo "usage: ${0##*/} up [forward|reverse] | status | reset | down" >&2
	exit 2
}

# Sets rdomain, side and number of host $1 in direction $2.
place() {
	case $1.$2 in
	client.forward)		rdomain=1 side=inside number=5 ;;
	client.reverse)		rdomain=1 side=outside number=50 ;;
	server.forward)		rdomain=2 side=outside number=7 ;;
	server.reverse)		rdomain=2 side=inside number=20 ;;
	inside-intruder.*)	rdomain=3 side=inside number=66 ;;
	outside-intruder.*)	rdomain=4 side=outside number=66 ;;
	esac
	network "$side"
}

# Sets the bridge, the firewall's port and the prefixes of side $1.
network() {
	case $1 in
	outside)	bridge=veb0 port=vport0 inet=198.51.100 inet6=2001:db8:2:: ;;
	inside)		bridge=veb1 port=vport1 inet=10.0.0 inet6=2001:db8:1:: ;;
	esac
}

exists() {
	ifconfig "$1" >/dev/null 2>&1
}

# Does ifconfig's output on interface $1 have a line with the words $2?
shows() {
	ifconfig "$1" 2>/dev/null | grep -q -- "$2"
}

# Prints the direction of the running lab, by the client's address; nothing without a client.
direction() {
	if shows pair1 'inet 10\.0\.0\.5 '; then
		echo forward
	elif shows pair1 'inet 198\.51\.100\.50 '; then
		echo reverse
	fi
}

# Keeps the lab's addresses from leaving by the machine's own interface.
reject_routes() {
	for net in 192.0.2.0/24 203.0.113.0/24; do
		route -qn delete -net "$net" >/dev/null 2>&1 || :
		[ "$1" = delete ] || route -qn add -net "$net" 127.0.0.1 -reject
	done
	route -qn delete -inet6 2001:db8:: -prefixlen 32 >/dev/null 2>&1 || :
	[ "$1" = delete ] || route -qn add -inet6 2001:db8:: -prefixlen 32 ::1 -reject
}

build_network() {
	network "$1"
	ifconfig "$bridge" create
	ifconfig "$port" create
	ifconfig "$port" description "anchorage firewall, $1"
	ifconfig "$port" inet "$inet.1" netmask 255.255.255.0 up
	ifconfig "$port" inet6 "${inet6}1" prefixlen 64
	ifconfig "$bridge" add "$port"
	ifconfig "$bridge" up
}

build_host() {
	place "$1" "$2"
	end=pair$rdomain
	near=pair1$rdomain

	# The rdomain first: an interface that changes it loses its addresses.
	ifconfig "$end" create
	ifconfig "$end" rdomain "$rdomain"
	ifconfig "$end" group endpoint
	ifconfig "$end" description "anchorage $1"
	ifconfig "$near" create
	ifconfig "$near" description "anchorage wire of $1"
	ifconfig "$end" patch "$near"
	ifconfig "$near" up
	ifconfig "$bridge" add "$near"
	ifconfig "$end" inet "$inet.$number" netmask 255.255.255.0 up
	ifconfig "$end" inet6 "$inet6$number" prefixlen 64

	# loN comes with rdomain N. The kernel adds ::1 when it comes up.
	ifconfig "lo$rdomain" inet 127.0.0.1/8
	shows "lo$rdomain" 'inet6 ::1 ' || ifconfig "lo$rdomain" inet6 ::1 prefixlen 128

	case $side in
	inside)
		route -T "$rdomain" -qn add -inet default "$inet.1"
		route -T "$rdomain" -qn add -inet6 default "${inet6}1"
		;;
	outside)
		# 10.0.0.0/24 is private: no route leads to it from here.
		route -T "$rdomain" -qn add -inet6 2001:db8:1:: -prefixlen 64 "${inet6}1"
		;;
	esac
}

# Waits until duplicate address detection has cleared the addresses, about a second.
settle() {
	tries=0
	for interface in vport0 vport1 pair1 pair2 pair3 pair4; do
		while shows "$interface" 'inet6 .* tentative'; do
			tries=$((tries + 1))
			[ "$tries" -le 20 ] || die "the IPv6 address of $interface stays tentative"
			sleep 1
		done
		! shows "$interface" 'inet6 .* duplicated' || die "$interface: another host has its IPv6 address"
	done
}

up() {
	if [ "$(direction)" = "$1" ] && status >/dev/null; then
		say "$1 is up already"
		return
	fi
	down >/dev/null
	sysctl -q net.inet.ip.forwarding=1 net.inet6.ip6.forwarding=1
	build_network outside
	build_network inside
	for host in $hosts; do
		build_host "$host" "$1"
	done
	reject_routes add
	settle
	status >/dev/null || die "incomplete after the build; see: ${0##*/} status"
	say "$1 is up"
}

# Prints one line for each host, with what it lacks.
status() {
	now=$(direction)
	if [ -z "$now" ]; then
		say "down"
		return 1
	fi
	say "$now"
	whole=0
	for side in outside inside; do
		network "$side"
		lacks=
		shows "$port" "inet $inet.1 " || lacks="$lacks address"
		shows "$port" "inet6 ${inet6}1 " || lacks="$lacks address6"
		shows "$bridge" "[[:space:]]${port}[[:space:]]" || lacks="$lacks bridge"
		report "firewall rdomain 0 $port $inet.1 ${inet6}1"
	done
	for host in $hosts; do
		place "$host" "$now"
		lacks=
		shows "pair$rdomain" "rdomain $rdomain " || lacks="$lacks rdomain"
		shows "pair$rdomain" "patch: pair1$rdomain" || lacks="$lacks patch"
		shows "pair$rdomain" "groups:.* endpoint" || lacks="$lacks group"
		shows "pair$rdomain" "inet $inet.$number " || lacks="$lacks address"
		shows "pair$rdomain" "inet6 $inet6$number " || lacks="$lacks address6"
		shows "lo$rdomain" 'inet 127\.0\.0\.1 ' || lacks="$lacks loopback"
		shows "lo$rdomain" 'inet6 ::1 ' || lacks="$lacks loopback6"
		shows "$bridge" "[[:space:]]pair1${rdomain}[[:space:]]" || lacks="$lacks bridge"
		report "$host rdomain $rdomain pair$rdomain $inet.$number $inet6$number"
	done
	return "$whole"
}

report() {
	if [ -n "$lacks" ]; then
		whole=1
		say "$1 lacks:$lacks"
	else
		say "$1"
	fi
}

# rdomains and their lo(4) stay: the kernel removes them only at a reboot.
down() {
	reject_routes delete
	for interface in pair1 pair2 pair3 pair4 pair11 pair12 pair13 pair14 vport0 vport1 veb0 veb1; do
		! exists "$interface" || ifconfig "$interface" destroy
	done
	say "down"
}

reset() {
	now=$(direction)
	pfctl -q -a ftp-proxy -s Anchors 2>/dev/null | while read -r anchor; do
		pfctl -q -a "$anchor" -F rules
	done
	pfctl -q -F states
	down >/dev/null
	up "${now:-forward}"
}

[ "$(id -u)" -eq 0 ] || die "must be root"
case $#.${1-} in
1.up)				up forward ;;
2.up)
	case $2 in
	forward | reverse)	up "$2" ;;
	*)			usage ;;
	esac
	;;
1.status)			status ;;
1.reset)			reset ;;
1.down)				down ;;
*)				usage ;;
esac
