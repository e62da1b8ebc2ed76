#!/bin/sh
#
# Packs a disk image as a Vagrant box:
#
#	pack.sh libvirt|virtualbox openbsd|freebsd DISK.qcow2 OUT.box

set -eu

die() {
	echo "pack: $*" >&2
	exit 1
}

[ $# -eq 4 ] || die "usage: pack.sh libvirt|virtualbox openbsd|freebsd DISK.qcow2 OUT.box"
provider=$1
system=$2
disk=$3
box=$4
[ -f "$disk" ] || die "no file $disk"
command -v qemu-img >/dev/null || die "qemu-img is missing; install it (apt-get install qemu-utils)"

case $system in
openbsd)	sudo="doas -n %c" ostype=OpenBSD_64 osid=66 ;;
freebsd)	sudo="sudo -E -H %c" ostype=FreeBSD_64 osid=78 ;;
*)		die "openbsd or freebsd, not $system" ;;
esac

folder=$(mktemp -d "$(dirname -- "$box")/pack.XXXXXXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
bytes=$(qemu-img info --output=json "$disk" | sed -n 's/^ *"virtual-size": \([0-9]*\).*/\1/p' | tail -n 1)
[ -n "$bytes" ] || die "$disk is no disk image"

case $provider in
libvirt)
	# Gigabytes, rounded up.
	printf '{"provider":"libvirt","format":"qcow2","virtual_size":%s}\n' $(((bytes + 1073741823) / 1073741824)) \
	    >"$folder/metadata.json"
	qemu-img convert -c -O qcow2 "$disk" "$folder/box.img"
	;;
virtualbox)
	printf '{"provider":"virtualbox"}\n' >"$folder/metadata.json"
	qemu-img convert -O vmdk -o subformat=streamOptimized "$disk" "$folder/box-disk001.vmdk"
	cat >"$folder/box.ovf" <<-END
		<?xml version="1.0"?>
		<Envelope ovf:version="1.0" xml:lang="en-US" xmlns="http://schemas.dmtf.org/ovf/envelope/1"
		  xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
		  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
		  xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
		  <References>
		    <File ovf:id="file1" ovf:href="box-disk001.vmdk"/>
		  </References>
		  <DiskSection>
		    <Info>The disk</Info>
		    <Disk ovf:capacity="$bytes" ovf:diskId="disk1" ovf:fileRef="file1"
		      ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
		  </DiskSection>
		  <NetworkSection>
		    <Info>Vagrant's own network</Info>
		    <Network ovf:name="NAT"/>
		  </NetworkSection>
		  <VirtualSystem ovf:id="anchorage-$system">
		    <Info>A machine for the labs of Anchorage</Info>
		    <OperatingSystemSection ovf:id="$osid">
		      <Info>$ostype</Info>
		      <Description>$ostype</Description>
		    </OperatingSystemSection>
		    <VirtualHardwareSection>
		      <Info>What it has</Info>
		      <System>
		        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
		        <vssd:InstanceID>0</vssd:InstanceID>
		        <vssd:VirtualSystemIdentifier>anchorage-$system</vssd:VirtualSystemIdentifier>
		        <vssd:VirtualSystemType>virtualbox-2.2</vssd:VirtualSystemType>
		      </System>
		      <Item>
		        <rasd:ElementName>1 virtual CPU</rasd:ElementName>
		        <rasd:InstanceID>1</rasd:InstanceID>
		        <rasd:ResourceType>3</rasd:ResourceType>
		        <rasd:VirtualQuantity>1</rasd:VirtualQuantity>
		      </Item>
		      <Item>
		        <rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits>
		        <rasd:ElementName>1024 MB of memory</rasd:ElementName>
		        <rasd:InstanceID>2</rasd:InstanceID>
		        <rasd:ResourceType>4</rasd:ResourceType>
		        <rasd:VirtualQuantity>1024</rasd:VirtualQuantity>
		      </Item>
		      <Item>
		        <rasd:Address>0</rasd:Address>
		        <rasd:ElementName>SATA Controller</rasd:ElementName>
		        <rasd:InstanceID>3</rasd:InstanceID>
		        <rasd:ResourceSubType>AHCI</rasd:ResourceSubType>
		        <rasd:ResourceType>20</rasd:ResourceType>
		      </Item>
		      <Item>
		        <rasd:AddressOnParent>0</rasd:AddressOnParent>
		        <rasd:ElementName>Disk</rasd:ElementName>
		        <rasd:HostResource>/disk/disk1</rasd:HostResource>
		        <rasd:InstanceID>4</rasd:InstanceID>
		        <rasd:Parent>3</rasd:Parent>
		        <rasd:ResourceType>17</rasd:ResourceType>
		      </Item>
		      <Item>
		        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
		        <rasd:Connection>NAT</rasd:Connection>
		        <rasd:ElementName>Ethernet adapter</rasd:ElementName>
		        <rasd:InstanceID>5</rasd:InstanceID>
		        <rasd:ResourceSubType>E1000</rasd:ResourceSubType>
		        <rasd:ResourceType>10</rasd:ResourceType>
		      </Item>
		    </VirtualHardwareSection>
		  </VirtualSystem>
		</Envelope>
	END
	;;
*)	die "libvirt or virtualbox, not $provider" ;;
esac

cat >"$folder/Vagrantfile" <<END
Vagrant.configure("2") do |config|
  config.vm.guest = :$system
  config.vm.base_mac = "080027414E43"
  config.ssh.shell = "sh"
  config.ssh.sudo_command = "$sudo"
  config.vm.synced_folder ".", "/vagrant", disabled: true
end
END

# metadata.json first: Vagrant looks for it.
(cd "$folder" && tar -cf - metadata.json Vagrantfile box*) | gzip -1 >"$box.part"
mv "$box.part" "$box"
