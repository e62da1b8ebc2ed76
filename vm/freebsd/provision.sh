#!/bin/sh
#
# Makes a FreeBSD machine ready for the lab, as root. Safe to repeat: finished parts stay as they are.
#
#	provision.sh [--from DIR] [--without-node] [--package NAME]
#	             [--user NAME] [--management INTERFACE] [--era ERA]
#
#	--from DIR		the folder with freebsd/, pf/, agent/ and ftp-proxy.mjs; by default the parent of this script's
#	--without-node		neither Node nor our daemon; the agents need perl(1), a package here
#	--package NAME		the package of Node for pkg(8); by default node22
#	--user NAME		the ssh user, who may become root by doas(1) if installed; by default vagrant
#	--management INTERFACE	ssh's interface, which PF skips; by default that of the default route
#	--era ERA		the era of the pf.conf loaded at boot; by default rdr-anchor
#
# Installs /usr/local/libexec/anchorage, anchorage_ftpproxy and its twin in /usr/local/etc/rc.d, forwarding,
# the log /var/log/anchorage, and PF with the era's pf.conf. It enables no proxy and builds no topology.

set -eu

libexec=/usr/local/libexec/anchorage
from=$(cd -- "$(dirname -- "$0")/.." && pwd)
node=yes
package=node22
user=vagrant
management=
era=rdr-anchor

die() {
	echo "provision: $*" >&2
	exit 1
}

say() {
	echo "provision: $*"
}

usage() {
	sed -n 's/^#	provision.sh/usage: provision.sh/p; s/^#	             \[/                     [/p' "$0" >&2
	exit 2
}

while [ $# -gt 0 ]; do
	case $1 in
	--without-node)	node=no; shift; continue ;;
	--from | --package | --user | --management | --era)
		[ $# -ge 2 ] || usage
		;;
	*)	usage ;;
	esac
	case $1 in
	--from)		from=$2 ;;
	--package)	package=$2 ;;
	--user)		user=$2 ;;
	--management)	management=$2 ;;
	--era)		era=$2 ;;
	esac
	shift 2
done

[ "$(uname -s)" = FreeBSD ] || die "this is $(uname -s), not FreeBSD"
[ "$(id -u)" -eq 0 ] || die "must be root"
[ -f "$from/pf/$era/forward.conf" ] || die "no $from/pf/$era/forward.conf"
[ "$node" = no ] || [ -f "$from/ftp-proxy.mjs" ] ||
	die "no $from/ftp-proxy.mjs; make it with npm run build, or say --without-node"

scratch=$(mktemp -d /tmp/provision.XXXXXXXXXX)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# Replaces the contents of file $1 by standard input, if they differ; the file keeps its owner and mode. Its reader is
# reloaded each time: an earlier run may have changed the file and then failed.
replace() {
	cat >"$scratch/new"
	if [ ! -f "$1" ] || ! cmp -s "$scratch/new" "$1"; then
		cat "$scratch/new" >"$1"
		say "$1"
	fi
}

# --- Packages -----------------------------------------------------------------------------------------------------

# Installs package $2 unless program $1 is there.
want() {
	if [ ! -x "$1" ]; then
		env ASSUME_ALWAYS_YES=yes pkg install -y "$2" || die "pkg install $2 failed"
		say "package $2"
	fi
}

want /usr/local/bin/perl perl5
[ "$node" = no ] || want /usr/local/bin/node "$package"

# --- Our files ----------------------------------------------------------------------------------------------------

# Installs $3 as $2 with mode $1, if it differs.
put() {
	if ! cmp -s "$3" "$2"; then
		install -o root -g wheel -m "$1" "$3" "$2"
		say "$2"
	fi
}

install -d -o root -g wheel -m 755 "$libexec" "$libexec/agent" "$libexec/pf"
put 555 "$libexec/topology.sh" "$from/freebsd/topology.sh"
for folder in "$from"/pf/*/; do
	name=$(basename "$folder")
	install -d -o root -g wheel -m 755 "$libexec/pf/$name"
	for file in "$folder"*.conf; do
		put 444 "$libexec/pf/$name/$(basename "$file")" "$file"
	done
done
for file in "$from"/agent/*; do
	[ ! -f "$file" ] || put 555 "$libexec/agent/$(basename "$file")" "$file"
done
if [ "$node" = yes ]; then
	put 555 "$libexec/ftp-proxy.mjs" "$from/ftp-proxy.mjs"
	install -d -o root -g wheel -m 755 /usr/local/etc/rc.d
	for script in anchorage_ftpproxy anchorage_ftpproxy6; do
		put 555 "/usr/local/etc/rc.d/$script" "$from/freebsd/rc.d/$script"
	done
fi

# Boxes have sudo(8) or doas(1); neither is in base.
if [ -x /usr/local/bin/doas ]; then
	touch /usr/local/etc/doas.conf
	{
		sed '/^# anchorage begin$/,/^# anchorage end$/d' /usr/local/etc/doas.conf
		printf '%s\n' "# anchorage begin" "permit nopass keepenv $user" "# anchorage end"
	} >"$scratch/doas.conf"
	doas -C "$scratch/doas.conf" || die "doas.conf would not be valid"
	replace /usr/local/etc/doas.conf <"$scratch/doas.conf"
	chmod 600 /usr/local/etc/doas.conf
fi

# --- Log ----------------------------------------------------------------------------------------------------------

# ftp-proxy's per-session lines are of level debug. syslogd(8) writes only to files that exist.
if [ ! -f /var/log/anchorage ]; then
	touch /var/log/anchorage
	chmod 640 /var/log/anchorage
fi
install -d -o root -g wheel -m 755 /etc/syslog.d
printf 'daemon.debug\t/var/log/anchorage\n' | replace /etc/syslog.d/anchorage.conf
service syslogd onereload >/dev/null || service syslogd onerestart >/dev/null

# --- Network ------------------------------------------------------------------------------------------------------

[ -n "$management" ] || management=$(route -n get default 2>/dev/null | sed -n 's/^ *interface: //p')
[ -n "$management" ] || die "no default route; say --management INTERFACE"
if [ -z "$(ifconfig -g management)" ]; then
	ifconfig "$management" group management
	say "$management is in the group management"
fi
sysrc gateway_enable=YES ipv6_gateway_enable=YES pf_enable=YES pflog_enable=YES >/dev/null
sysrc kld_list+="if_bridge if_epair" >/dev/null
kldload -n pf pflog if_bridge if_epair
sysctl -q net.inet.ip.forwarding=1 net.inet6.ip6.forwarding=1 >/dev/null
ifconfig pflog0 >/dev/null 2>&1 || ifconfig pflog0 create
ifconfig pflog0 up

# --- PF -----------------------------------------------------------------------------------------------------------

# PF skips the management interface by its name, so that ssh works after a boot, before the group exists. A pass rule
# would not do: in this era filter rules come after translation.
sed -e 's/^ext_if = .*/ext_if = "outside0"/' -e 's/^int_if = .*/int_if = "inside0"/' \
    -e "s/^set skip on lo\$/set skip on { lo $management }/" "$libexec/pf/$era/forward.conf" >"$scratch/pf.conf"
pfctl -nf "$scratch/pf.conf" || die "pf.conf of the era $era is not in this system's language"
[ -f /etc/pf.conf.before-anchorage ] || [ ! -f /etc/pf.conf ] || cp -p /etc/pf.conf /etc/pf.conf.before-anchorage
replace /etc/pf.conf <"$scratch/pf.conf"
chmod 600 /etc/pf.conf
pfctl -q -f /etc/pf.conf
pfctl -s info 2>/dev/null | grep -q '^Status: Enabled' || pfctl -q -e

say "ready"
