#!/bin/sh
#
# On GitHub's runners: /dev/kvm for everybody. A rule rather than chmod, since packages that are installed later bring
# rules of their own, which udev applies when it pleases.

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
