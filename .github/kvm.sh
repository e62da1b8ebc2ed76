#!/bin/sh
#
# Opens /dev/kvm to everybody on GitHub's runners. It installs a udev rule and does not use chmod, because packages that
# are installed later bring rules, which udev applies at any time.

set -eu
if [ ! -e /dev/kvm ]; then
	echo "kvm: this runner has no /dev/kvm, and without it a machine takes ten times as long" >&2
	exit 1
fi
echo 'KERNEL=="kvm", GROUP="kvm", MODE="0666", OPTIONS+="static_node=kvm"' | sudo tee /etc/udev/rules.d/99-kvm.rules
sudo udevadm control --reload-rules
sudo udevadm trigger --name-match=kvm --settle
if [ ! -w /dev/kvm ]; then
	ls -l /dev/kvm >&2
	exit 1
fi
