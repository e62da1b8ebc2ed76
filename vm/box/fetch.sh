#!/bin/sh
#
# Downloads a file, and resumes an earlier download:
#
#	fetch.sh URL FILE
#
# The download is FILE.part until it is complete; then it becomes FILE. An existing FILE is kept as it is.
# Progress goes to standard error.

set -eu

die() {
	echo "fetch: $*" >&2
	exit 1
}

[ $# -eq 2 ] || die "usage: fetch.sh URL FILE"
url=$1
file=$2
[ ! -f "$file" ] || exit 0
command -v curl >/dev/null || die "curl is missing; install it (apt-get install curl)"

# --continue-at without a FILE.part starts at the first byte.
get() {
	curl --fail --location --retry 3 --connect-timeout 30 --progress-bar \
	    --continue-at - --output "$file.part" "$url"
}

echo "fetch: $url" >&2
status=0
get || status=$?
# 22 and 33: the server has no more bytes than we have, or cannot begin in the middle.
if [ "$status" -eq 22 ] || [ "$status" -eq 33 ]; then
	[ -s "$file.part" ] || die "$url: the server has no such file"
	echo "fetch: cannot resume, starting over" >&2
	rm "$file.part"
	status=0
	get || status=$?
fi
[ "$status" -eq 0 ] || die "$url: curl ended with $status; run the same command again to resume"
mv "$file.part" "$file"
