/**
 * The account that programs log in with. On the server's host, separate account files are bound over the machine's, in
 * the mount namespace that `ip netns exec` makes; the machine itself gets no new user. Names are looked up in files
 * only, since a lab has no DNS.
 */

import type { LabHost } from "../../contract/lab.ts";

export const USER = "anchorage";
export const PASSWORD = "anchorage";
/** crypt(3) of the password. */
export const PASSWORD_HASH =
  "$6$anchorage$.UFoEqtXw.YoQxsXwbsQNikspC24AregTiZRr5ueJunLJgSlmsKlDIvpMSs491AODMo.HwNRe8L1hysY3uvzW1";
/** Debian has no user with this number. */
export const UID = 64_021;

/** The files of a play: a file system that only this host sees, never the machine's disk. Each play starts empty. */
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

/** Makes an empty folder for the program's files. */
export async function prepareWork(host: LabHost): Promise<string> {
  await shell(host, FRESH);
  return `${FOLDER}/work`;
}

/** The same, with the account and its home in the system's account files. Needs root. */
export async function prepareServer(host: LabHost): Promise<string> {
  await shell(host, FRESH + ACCOUNTS);
  return `${FOLDER}/work`;
}

async function shell(host: LabHost, script: string): Promise<void> {
  const { status, stderr } = await host.run("sh", ["-c", script]);
  if (status !== 0) throw new Error(`${host.name}: the files of the play cannot be made: ${stderr.trim()}`);
}
