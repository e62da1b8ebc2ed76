#!/bin/sh
#
# Makes an OpenBSD machine ready for the lab, as root. Safe to repeat: finished parts stay as they are.
#
#	provision.sh [--from DIR] [--without-node] [--package NAME] [--mirror URL]
#	             [--user NAME] [--management INTERFACE] [--era ERA]
#
#	--from DIR		the folder with openbsd/, pf/, agent/ and ftp-proxy.mjs; by default the parent of this script's
#	--without-node		neither Node nor our daemon; the agents need only perl(1) of the base system
#	--package NAME		the package of Node for pkg_add(1); by default node
#	--mirror URL		for installurl(5), when the default mirror has dropped the release
#	--user NAME		the ssh user, who may become root by doas(1); by default vagrant
#	--management INTERFACE	ssh's interface, which PF skips; by default that of the default route
#	--era ERA		the era of the pf.conf loaded at boot; by default divert-to
#
# Installs /usr/local/libexec/anchorage, /etc/rc.d/anchorage_ftpproxy and its twin, a doas rule, forwarding,
# the log /var/log/anchorage, and PF with the era's pf.conf. It enables no proxy and builds no topology.

set -eu

libexec=/usr/local/libexec/anchorage
from=$(cd -- "$(dirname -- "$0")/.." && pwd)
node=yes
package=node
mirror=
user=vagrant
management=
era=divert-to

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
	--from | --package | --mirror | --user | --management | --era)
		[ $# -ge 2 ] || usage
		;;
	*)	usage ;;
	esac
	case $1 in
	--from)		from=$2 ;;
	--package)	package=$2 ;;
	--mirror)	mirror=$2 ;;
	--user)		user=$2 ;;
	--management)	management=$2 ;;
	--era)		era=$2 ;;
	esac
	shift 2
done

[ "$(uname -s)" = OpenBSD ] || die "this is $(uname -s), not OpenBSD"
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

# Prints file $1 with our lines (standard input) between marks at its end, in place of an earlier run's.
marked() {
	[ ! -f "$1" ] || sed '/^# anchorage begin$/,/^# anchorage end$/d' "$1"
	echo "# anchorage begin"
	cat
	echo "# anchorage end"
}

# --- Node ---------------------------------------------------------------------------------------------------------

# Node needs writable and executable memory, which the kernel grants only on a wxallowed file system.
allow_wx() {
	where=$(df -P /usr/local | awk 'NR == 2 { print $6 }')
	if ! mount | grep -q " on $where type .*wxallowed"; then
		awk -v where="$where" '$2 == where && $4 !~ /wxallowed/ { sub($4, $4 ",wxallowed") } { print }' \
		    /etc/fstab >"$scratch/fstab"
		replace /etc/fstab <"$scratch/fstab"
		mount -u -o wxallowed "$where"
		say "$where allows writable and executable memory"
	fi
}

if [ -n "$mirror" ]; then
	echo "$mirror" | replace /etc/installurl
fi
if [ "$node" = yes ]; then
	allow_wx
	if [ ! -x /usr/local/bin/node ]; then
		pkg_add -I "$package" || die "pkg_add $package failed; does the mirror of /etc/installurl still have this release? --mirror names another"
		say "package $package"
	fi
	/usr/local/bin/node -e 0 || die "node does not run; is /usr/local mounted wxallowed?"
fi

# --- Our files ----------------------------------------------------------------------------------------------------

# Installs $3 as $2 with mode $1, if it differs.
put() {
	if ! cmp -s "$3" "$2"; then
		install -o root -g wheel -m "$1" "$3" "$2"
		say "$2"
	fi
}

install -d -o root -g wheel -m 755 "$libexec" "$libexec/agent" "$libexec/pf"
put 555 "$libexec/topology.sh" "$from/openbsd/topology.sh"
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
	for script in anchorage_ftpproxy anchorage_ftpproxy6; do
		put 555 "/etc/rc.d/$script" "$from/openbsd/rc.d/$script"
	done
fi

# --- Users --------------------------------------------------------------------------------------------------------

# In base since 3.9, with this number for user and group.
if ! id _ftp_proxy >/dev/null 2>&1; then
	group="=uid"
	! grep -q '^_ftp_proxy:' /etc/group || group=_ftp_proxy
	useradd -u 109 -g "$group" -c "ftp proxy" -d /var/empty -s /sbin/nologin -L daemon _ftp_proxy
	say "user _ftp_proxy"
fi

# The last rule that matches wins, so ours goes to the end.
echo "permit nopass keepenv $user" | marked /etc/doas.conf >"$scratch/doas.conf"
doas -C "$scratch/doas.conf" || die "doas.conf would not be valid"
replace /etc/doas.conf <"$scratch/doas.conf"
chown root:wheel /etc/doas.conf
chmod 600 /etc/doas.conf

# --- Log ----------------------------------------------------------------------------------------------------------

# ftp-proxy's per-session lines are of level debug. syslogd(8) writes only to files that exist.
if [ ! -f /var/log/anchorage ]; then
	touch /var/log/anchorage
	chmod 640 /var/log/anchorage
fi
printf '!*\ndaemon.debug\t/var/log/anchorage\n' | marked /etc/syslog.conf >"$scratch/syslog.conf"
replace /etc/syslog.conf <"$scratch/syslog.conf"
rcctl reload syslogd >/dev/null

# --- Network ------------------------------------------------------------------------------------------------------

[ -n "$management" ] || management=$(route -n get default | sed -n 's/^ *interface: //p')
[ -n "$management" ] || die "no default route; say --management INTERFACE"
if ! ifconfig "$management" | grep -q 'groups:.* management'; then
	ifconfig "$management" group management
	say "$management is in the group management"
fi
hostname=/etc/hostname.$management
if [ ! -f "$hostname" ] || ! grep -qx 'group management' "$hostname"; then
	touch "$hostname"
	chmod 640 "$hostname"
	echo 'group management' >>"$hostname"
	say "$hostname"
fi

for variable in net.inet.ip.forwarding net.inet6.ip6.forwarding; do
	[ "$(sysctl -n "$variable")" = 1 ] || sysctl -q "$variable=1"
done
touch /etc/sysctl.conf
printf '%s\n' net.inet.ip.forwarding=1 net.inet6.ip6.forwarding=1 | marked /etc/sysctl.conf >"$scratch/sysctl.conf"
replace /etc/sysctl.conf <"$scratch/sysctl.conf"

# --- PF -----------------------------------------------------------------------------------------------------------

# Passes packets of the default route's interface before any block rule, so that ssh works without the group, too.
sed -e 's/^ext_if = .*/ext_if = "vport0"/' -e 's/^int_if = .*/int_if = "vport1"/' "$libexec/pf/$era/forward.conf" |
    awk '{ print } $0 == "set skip on lo" { print "\n# Also before the group management is set.\npass quick on egress" }' \
    >"$scratch/pf.conf"
pfctl -nf "$scratch/pf.conf" || die "pf.conf of the era $era is not in this system's language"
[ -f /etc/pf.conf.before-anchorage ] || [ ! -f /etc/pf.conf ] || cp -p /etc/pf.conf /etc/pf.conf.before-anchorage
replace /etc/pf.conf <"$scratch/pf.conf"
chmod 600 /etc/pf.conf
pfctl -f /etc/pf.conf
pfctl -s info 2>/dev/null | grep -q '^Status: Enabled' || pfctl -q -e
ifconfig pflog0 >/dev/null 2>&1 || ifconfig pflog0 create
ifconfig pflog0 up

say "ready"
