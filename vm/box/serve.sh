#!/bin/sh
#
# Answers one HTTP request (standard input) with a file below ROOT:
#
#	serve.sh ROOT
#
# QEMU starts it for each connection of the guest to an address that only the guest has (guestfwd), so the installer
# needs no open port on this machine.

set -eu

root=$1
cr=$(printf '\r')

answer() {
	printf 'HTTP/1.0 %s\r\nContent-Length: %s\r\nConnection: close\r\n\r\n' "$1" "$2"
}

IFS=' ' read -r method path _ || exit 0
while IFS= read -r header && [ -n "${header%"$cr"}" ]; do
	:
done

path=${path%%\?*}
case $method.$path in
*/../* | */..)	answer "404 Not Found" 0 ;;
GET./* | HEAD./*)
	if [ -f "$root$path" ]; then
		answer "200 OK" "$(wc -c <"$root$path" | tr -d ' ')"
		[ "$method" = HEAD ] || cat "$root$path"
	else
		answer "404 Not Found" 0
	fi
	;;
*)		answer "405 Method Not Allowed" 0 ;;
esac
