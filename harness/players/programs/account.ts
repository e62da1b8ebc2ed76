/**
 * The account with which programs log in. The server's host gets files of accounts of its own, bound
 * over the machine's in the mount namespace that `ip netns exec` has made: no user is added anywhere.
 * Names are looked up in files alone, as a lab has no DNS.
 */

import type { LabHost } from "../../contract/lab.ts";

export const USER = "anchorage";
export const PASSWORD = "anchorage";
/** crypt(3) of the password. */
export const PASSWORD_HASH =
  "$6$anchorage$.UFoEqtXw.YoQxsXwbsQNikspC24AregTiZRr5ueJunLJgSlmsKlDIvpMSs491AODMo.HwNRe8L1hysY3uvzW1";
/** Nobody's on Debian. */
export const UID = 64_021;

/**
 * Where files of a play lie: a file system of its own, seen only on that host, so that nothing of a
 * play is ever on the machine's disk. Empty at the beginning of each play.
 */
export const FOLDER = "/mnt";
export const HOME = `${FOLDER}/home`;

const FRESH = `
set -e
[ -e ${FOLDER}/.anchorage ] || { mount -t tmpfs -o mode=755 anchorage ${FOLDER}; touch ${FOLDER}/.anchorage; }
rm -rf ${HOME} ${FOLDER}/work
mkdir -p ${HOME} ${FOLDER}/work/in
[ -e ${FOLDER}/nsswitch.conf ] || {
  printf '%s: files\\n' passwd shadow group hosts > ${FOLDER}/nsswitch.conf
  mount --bind ${FOLDER}/nsswitch.conf /etc/nsswitch.conf
}
`;

const ACCOUNTS = `
chown ${UID}:${UID} ${HOME}
if ! grep -q '^${USER}:' /etc/passwd; then
  own=${FOLDER}/etc
  mkdir -p $own/pam.d ${FOLDER}/empty
  for service in vsftpd ftp proftpd other; do
    printf '%s required pam_permit.so\\n' auth account session > $own/pam.d/$service
  done
  { cat /etc/passwd; echo '${USER}:x:${UID}:${UID}::${HOME}:/bin/sh'; } > $own/passwd
  { cat /etc/shadow; echo '${USER}:${PASSWORD_HASH}:19000:0:99999:7:::'; } > $own/shadow
  { cat /etc/group; echo '${USER}:x:${UID}:'; } > $own/group
  chmod 600 $own/shadow
  for file in passwd shadow group pam.d; do mount --bind $own/$file /etc/$file; done
fi
`;

/** A folder for what a program reads and writes, empty. */
export async function prepareWork(host: LabHost): Promise<string> {
  await shell(host, FRESH);
  return `${FOLDER}/work`;
}

/** The same, with the account as the machine's own and its home. Needs root. */
export async function prepareServer(host: LabHost): Promise<string> {
  await shell(host, FRESH + ACCOUNTS);
  return `${FOLDER}/work`;
}

async function shell(host: LabHost, script: string): Promise<void> {
  const { status, stderr } = await host.run("sh", ["-c", script]);
  if (status !== 0) throw new Error(`${host.name}: files cannot be laid out: ${stderr.trim()}`);
}
