/**
 * Images of FTP servers that people use, and what makes each behave: the account, the address and ports of passive
 * mode. Facts are from each image's own sources; none of these images was ever run here.
 *
 * @example
 * knownImage("fauria/vsftpd:latest")?.environment?.({ user, password, address, ports: { first: 30_000, last: 30_009 } })
 */

import type { Family } from "../../pf/packet.ts";
import { PASSWORD_HASH } from "../programs/account.ts";

/** How a server in a container should be. */
export interface ServerWanted {
  readonly user: string;
  readonly password: string;
  /** IPv4 address for 227 replies. */
  readonly address: string;
  /** For passive mode, both inclusive. */
  readonly ports: Ports;
}

export interface Ports {
  readonly first: number;
  readonly last: number;
}

export interface ImageSetup {
  readonly environment?: (wanted: ServerWanted) => Readonly<Record<string, string>>;
  /** Lines for sh(1), in place of the image's own command and entry point. */
  readonly script?: (wanted: ServerWanted) => readonly string[];
  /** capabilities(7) that its program wants beyond those that every container has. */
  readonly capabilities?: readonly string[];
  /** The image has these ports, whatever is wanted. */
  readonly ports?: Ports;
  /** Default: both. */
  readonly families?: readonly Family[];
}

export interface KnownImage extends ImageSetup {
  /** The account's home, where clients arrive. */
  readonly home: string;
  /** Why it cannot take part. */
  readonly unfit?: string;
  /** Repository of its sources, and commit. */
  readonly source: string;
}

const INET: readonly Family[] = ["inet"];

/** FluentFTP's images have one account, fluentuser, and passive addresses for a mapped port. */
const FLUENT = "robinrodricks/FluentFTP@e6d1f4e, FluentFTP.Dockers";
const FLUENT_PORTS: Ports = { first: 21_100, last: 21_199 };
const fluent = (script: ImageSetup["script"], home = "/home/USER"): KnownImage => ({
  ports: FLUENT_PORTS,
  ...(script && { script }),
  home,
  source: FLUENT,
});
const addUser = ({ user }: ServerWanted): string => `useradd -m -p '${PASSWORD_HASH}' ${user}`;

export const KNOWN_IMAGES: Readonly<Record<string, KnownImage>> = {
  "fauria/vsftpd": {
    environment: ({ user, password, address, ports }) => ({
      FTP_USER: user,
      FTP_PASS: password,
      PASV_ADDRESS: address,
      PASV_MIN_PORT: `${ports.first}`,
      PASV_MAX_PORT: `${ports.last}`,
      // A host without DNS answers each log-in late.
      REVERSE_LOOKUP_ENABLE: "NO",
    }),
    families: INET,
    home: "/home/vsftpd/USER",
    source: "fauria/docker-vsftpd@cf9b181",
  },
  "stilliard/pure-ftpd": {
    environment: ({ user, password, address, ports }) => ({
      FTP_USER_NAME: user,
      FTP_USER_PASS: password,
      FTP_USER_HOME: `/home/ftpusers/${user}`,
      PUBLICHOST: address,
      FTP_PASSIVE_PORTS: `${ports.first}:${ports.last}`,
      // No DNS, as above.
      ADDED_FLAGS: "-H",
    }),
    home: "/home/ftpusers/USER",
    source: "stilliard/docker-pure-ftpd@2300e6f",
  },
  "delfer/alpine-ftp-server": {
    environment: ({ user, password, address, ports }) => ({
      USERS: `${user}|${password}`,
      ADDRESS: address,
      MIN_PORT: `${ports.first}`,
      MAX_PORT: `${ports.last}`,
    }),
    families: INET,
    home: "/ftp/USER",
    source: "delfer/docker-alpine-ftp-server@8989ee2",
  },
  "garethflowers/ftp-server": {
    environment: ({ user, password, address }) => ({ FTP_USER: user, FTP_PASS: password, PUBLIC_IP: address }),
    ports: { first: 40_000, last: 40_009 },
    families: INET,
    home: "/home/USER",
    source: "garethflowers/docker-ftp-server@6204fca",
  },
  "bfren/ftps": {
    environment: ({ user, password, address, ports }) => ({
      BF_FTPS_VSFTPD_USER: user,
      BF_FTPS_VSFTPD_PASS: password,
      BF_FTPS_EXTERNAL_IP: address,
      BF_FTPS_VSFTPD_MIN_PORT: `${ports.first}`,
      BF_FTPS_VSFTPD_MAX_PORT: `${ports.last}`,
    }),
    families: INET,
    home: "/files",
    unfit: "it lets nobody in without TLS (force_local_logins_ssl), and the lab's clients speak plain FTP",
    source: "bfren/docker-ftps@15db815",
  },
  "vsftpd:fluentftp": {
    ...fluent((wanted) => [
      addUser(wanted),
      // On a socket of IPv6 it answers PASV with 0,0,0,0 where it should say pasv_address.
      `exec vsftpd /etc/vsftpd.conf -olisten=YES -olisten_ipv6=NO -opasv_address=${wanted.address}`,
    ]),
    families: INET,
  },
  "proftpd:fluentftp": fluent((wanted) => [
    addUser(wanted),
    `sed -i 's/^ *MasqueradeAddress .*/MasqueradeAddress ${wanted.address}/' /etc/proftpd/proftpd.conf`,
    "exec proftpd -n",
  ]),
  "pureftpd:fluentftp": {
    ...fluent((wanted) => [
      addUser(wanted),
      `exec pure-ftpd -A -E -j -H -l unix -P ${wanted.address} -p ${FLUENT_PORTS.first}:${FLUENT_PORTS.last}`,
    ]),
    // Debian's package gives up without them.
    capabilities: ["SYS_NICE", "DAC_READ_SEARCH"],
  },
  "bftpd:fluentftp": fluent((wanted) => [addUser(wanted), "exec bftpd -c /usr/etc/bftpd.conf -D"]),
  "apache:fluentftp": fluent(
    ({ user, password, address }) => [
      "cd /root/apache",
      // It keeps passwords as MD5 in hexadecimal.
      `hash=$(printf %s ${password} | md5sum | cut -d' ' -f1 | tr a-f A-F)`,
      `sed -i "s/^\\(.*userpassword\\)=.*/\\1=$hash/; s/fluentuser/${user}/" res/conf/users.properties`,
      `sed -i 's/external-address="[^"]*"/external-address="${address}"/' res/conf/config.xml`,
      "exec bin/ftpd.sh res/conf/config.xml",
    ],
    "/root/apache/res/home",
  ),
  "pyftpdlib:fluentftp": {
    script: ({ user, password, ports }) => [
      `cd /app && exec python ftpd.py --user ${user} --password ${password} --passive ${ports.first}-${ports.last}`,
    ],
    families: INET,
    home: "/ftp_root/USER",
    source: FLUENT,
  },
  "glftpd:fluentftp": {
    ...fluent(undefined),
    unfit: "its account may log in from 172.17.0.1 alone, Docker's own bridge",
  },
};

/** By repository, or by repository and tag. */
export const knownImage = (reference: string): KnownImage | undefined => {
  const [short = ""] = /[^/]*(?:\/[^/]*)?$/.exec(reference) ?? [];
  return KNOWN_IMAGES[short] ?? KNOWN_IMAGES[short.replace(/[:@].*$/, "")];
};
