#!/bin/sh
#
# The whole lab in one FreeBSD machine (12 or later), as root:
#
#	topology.sh up [forward|reverse]	builds it; does nothing if it is up; from the other direction,
#						moves client and server, whose programs keep running
#	topology.sh status			lists the hosts and what each lacks; exit 1 unless the lab is complete
#	topology.sh reset			empties the state table and the proxy's anchors, rebuilds the lab
#	topology.sh down			removes it
#
# The firewall is the machine itself. Each other host is a vnet jail at the far end of an epair(4), whose near end is
# a member of an if_bridge(4). The two bridges are the two networks. They have the firewall's addresses, so PF sees
# packets to the firewall; two hosts of one network reach each other directly.
#
#	jail              wire     forward             reverse
#	client            wire1    10.0.0.5            198.51.100.50
#	server            wire2    198.51.100.7        10.0.0.20
#	inside-intruder   wire3    10.0.0.66           the same
#	outside-intruder  wire4    198.51.100.66       the same
#	(the machine)     outside0 and inside0: 198.51.100.1, 10.0.0.1
#
# In each jail the far end is called lab0. IPv6 repeats the last number: 2001:db8:1::5, 2001:db8:2::50. A program
# on the client: jexec client PROGRAM. "up" puts ssh's interface into the group "management", which the files of
# vm/pf skip, so load pf.conf after "up".

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

# Sets wire, side and number of host $1 in direction $2.
place() {
	case $1.$2 in
	client.forward)		wire=wire1 side=inside number=5 ;;
	client.reverse)		wire=wire1 side=outside number=50 ;;
	server.forward)		wire=wire2 side=outside number=7 ;;
	server.reverse)		wire=wire2 side=inside number=20 ;;
	inside-intruder.*)	wire=wire3 side=inside number=66 ;;
	outside-intruder.*)	wire=wire4 side=outside number=66 ;;
	esac
	network "$side"
}

# Sets the bridge and the prefixes of side $1.
network() {
	case $1 in
	outside)	bridge=outside0 inet=198.51.100 inet6=2001:db8:2:: ;;
	inside)		bridge=inside0 inet=10.0.0 inet6=2001:db8:1:: ;;
	esac
}

exists() {
	ifconfig "$1" >/dev/null 2>&1
}

jailed() {
	jls -j "$1" jid >/dev/null 2>&1
}

# Does ifconfig's output on interface $1 have a line with the words $2?
shows() {
	ifconfig "$1" 2>/dev/null | grep -q -- "$2"
}

# The same in jail $1, for interface $2.
jail_shows() {
	jexec "$1" ifconfig "$2" 2>/dev/null | grep -q -- "$3"
}

# Prints the direction of the running lab, by the client's address; nothing without a client.
direction() {
	if jail_shows client lab0 'inet 10\.0\.0\.5 '; then
		echo forward
	elif jail_shows client lab0 'inet 198\.51\.100\.50 '; then
		echo reverse
	fi
}

# Keeps the lab's addresses from leaving by the machine's own interface.
reject_routes() {
	for net in 192.0.2.0/24 203.0.113.0/24; do
		route -q delete -net "$net" >/dev/null 2>&1 || :
		[ "$1" = delete ] || route -q add -net "$net" 127.0.0.1 -reject >/dev/null
	done
	route -q delete -6 -net 2001:db8::/32 >/dev/null 2>&1 || :
	[ "$1" = delete ] || route -q add -6 -net 2001:db8::/32 ::1 -reject >/dev/null
}

# Interface groups are lost at a reboot, so this one is made here.
leave_management_alone() {
	[ -z "$(ifconfig -g management)" ] || return 0
	management=$(route -n get default 2>/dev/null | sed -n 's/^ *interface: //p')
	[ -z "$management" ] || ifconfig "$management" group management
}

build_network() {
	network "$1"
	made=$(ifconfig bridge create)
	ifconfig "$made" name "$bridge" >/dev/null
	ifconfig "$bridge" description "anchorage firewall, $1"
	ifconfig "$bridge" inet "$inet.1/24" up
	ifconfig "$bridge" inet6 "${inet6}1/64" no_dad -ifdisabled up
}

build_host() {
	place "$1" "$2"
	jail -c name="$1" host.hostname="$1" path=/ vnet persist allow.raw_sockets
	near=$(ifconfig epair create)
	ifconfig "$near" name "$wire" >/dev/null
	ifconfig "$wire" description "anchorage wire of $1"
	far=${near%a}b
	ifconfig "$far" vnet "$1"
	jexec "$1" ifconfig "$far" name lab0 >/dev/null
	ifconfig "$wire" up
	jexec "$1" ifconfig lo0 inet 127.0.0.1/8 up
	settle_host "$1"
}

# Puts host $1 on its network, after place().
settle_host() {
	ifconfig "$bridge" addm "$wire"
	jexec "$1" ifconfig lab0 inet "$inet.$number/24" up
	jexec "$1" ifconfig lab0 inet6 "$inet6$number/64" no_dad -ifdisabled up
	case $side in
	inside)
		jexec "$1" route -q add default "$inet.1" >/dev/null
		jexec "$1" route -q add -6 default "${inet6}1" >/dev/null
		;;
	outside)
		# 10.0.0.0/24 is private: no route leads to it from here.
		jexec "$1" route -q add -6 -net 2001:db8:1::/64 "${inet6}1" >/dev/null
		;;
	esac
}

# Moves host $1 from its network in direction $2 to that in direction $3.
move_host() {
	place "$1" "$2"
	jexec "$1" route -q flush >/dev/null
	jexec "$1" ifconfig lab0 inet "$inet.$number" -alias
	jexec "$1" ifconfig lab0 inet6 "$inet6$number" -alias
	ifconfig "$bridge" deletem "$wire"
	place "$1" "$3"
	settle_host "$1"
}

up() {
	now=$(direction)
	if [ -n "$now" ] && status >/dev/null; then
		if [ "$now" = "$1" ]; then
			say "$1 is up already"
			return
		fi
		move_host client "$now" "$1"
		move_host server "$now" "$1"
		# If the move failed, the lab is rebuilt below.
		if status >/dev/null; then
			say "$1 is up"
			return
		fi
	fi
	down >/dev/null
	kldload -n if_bridge if_epair
	# PF sees packets enter and leave the machine, not cross a bridge.
	sysctl -q net.link.bridge.pfil_member=0 net.link.bridge.pfil_bridge=0 >/dev/null
	sysctl -q net.inet.ip.forwarding=1 net.inet6.ip6.forwarding=1 >/dev/null
	leave_management_alone
	build_network outside
	build_network inside
	for host in $hosts; do
		build_host "$host" "$1"
	done
	reject_routes add
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
		shows "$bridge" "inet $inet.1 " || lacks="$lacks address"
		shows "$bridge" "inet6 ${inet6}1 " || lacks="$lacks address6"
		report "firewall $bridge $inet.1 ${inet6}1"
	done
	for host in $hosts; do
		place "$host" "$now"
		lacks=
		if jailed "$host"; then
			jail_shows "$host" lab0 "inet $inet.$number " || lacks="$lacks address"
			jail_shows "$host" lab0 "inet6 $inet6$number " || lacks="$lacks address6"
			jail_shows "$host" lo0 'inet 127\.0\.0\.1 ' || lacks="$lacks loopback"
		else
			lacks="$lacks jail"
		fi
		shows "$bridge" "member: $wire " || lacks="$lacks bridge"
		report "$host jail $host lab0 $inet.$number $inet6$number"
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

# Destroying one end of an epair(4) destroys the other; a jail's programs end with it.
down() {
	reject_routes delete
	for interface in wire1 wire2 wire3 wire4; do
		! exists "$interface" || ifconfig "$interface" destroy
	done
	for host in $hosts; do
		! jailed "$host" || jail -r "$host"
	done
	for interface in outside0 inside0; do
		! exists "$interface" || ifconfig "$interface" destroy
	done
	say "down"
}

reset() {
	now=$(direction)
	pfctl -q -a ftp-proxy -s Anchors 2>/dev/null | while read -r anchor; do
		pfctl -q -a "$anchor" -F nat
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
