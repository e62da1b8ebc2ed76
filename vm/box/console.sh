# Runs a machine in QEMU and drives its serial console. For another script to source, which has set $work, $name and
# die().
#
#	boot SECONDS QEMU-ARGUMENTS ...		starts it; limits the whole run to SECONDS
#	await PATTERN				waits until it is on the console (grep -E); exit 1 if the machine ends first
#	type_line TEXT				types it there
#	power_button				asks the system to shut itself down
#	ended					waits for the machine's end
#
# ANCHORAGE_ACCELERATOR=tcg avoids an existing /dev/kvm. The console's output is in $work/$name.console.
# shellcheck shell=sh disable=SC2034,SC2154

boot() {
	deadline=$(($(date +%s) + $1))
	shift
	command -v qemu-system-x86_64 >/dev/null ||
		die "qemu-system-x86_64 is missing; install it (apt-get install qemu-system-x86 qemu-utils ipxe-qemu)"
	console=$work/$name.console
	keyboard=$work/$name.keyboard
	accelerator=${ANCHORAGE_ACCELERATOR:-kvm}
	if [ "$accelerator" = kvm ] && [ ! -w /dev/kvm ]; then
		echo "box: no /dev/kvm for this user: emulating, which takes ten times as long" >&2
		accelerator=tcg
	fi
	rm -f "$keyboard"
	mkfifo "$keyboard"
	: >"$console"
	# Open in both directions, so that neither side waits for the other.
	exec 3<>"$keyboard"
	qemu-system-x86_64 -machine "accel=$accelerator" -m 1024 -smp 1 -display none -no-reboot \
	    -serial mon:stdio "$@" <"$keyboard" >"$console" 2>&1 &
	machine=$!
	trap 'kill "$machine" 2>/dev/null || :; rm -f "$keyboard"' EXIT
	trap 'exit 1' HUP INT TERM
}

alive() {
	kill -0 "$machine" 2>/dev/null
}

await() {
	until grep -Eq -- "$1" "$console"; do
		alive || return 1
		in_time "waiting for \"$1\""
		sleep 0.2
	done
}

in_time() {
	if [ "$(date +%s)" -gt "$deadline" ]; then
		tail -n 20 "$console" >&2
		die "too slow, $1; the console is in $console"
	fi
}

type_line() {
	printf '%s\n' "$1" >&3
}

# Control-A c switches the serial line to QEMU's monitor.
power_button() {
	printf '\001csystem_powerdown\n\001c' >&3
}

ended() {
	while alive; do
		in_time "waiting for its end"
		sleep 0.2
	done
	wait "$machine" || die "QEMU ended with $?; the console is in $console"
	exec 3>&-
	rm -f "$keyboard"
	trap - EXIT
}
