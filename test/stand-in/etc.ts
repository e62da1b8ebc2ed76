/** The guest's /etc after a fresh installation with a user vagrant, as far as a firewall's set-up touches it. */

const USERS = [
  ["root", 0, 0, "Charlie &", "/root", "/bin/ksh"],
  ["daemon", 1, 1, "The devil himself", "/root", "/sbin/nologin"],
  ["bin", 3, 7, "Binaries Commands and Source", "/", "/sbin/nologin"],
  ["sshd", 27, 27, "sshd privsep", "/var/empty", "/sbin/nologin"],
  ["_pflogd", 74, 74, "pflogd privsep", "/var/empty", "/sbin/nologin"],
  ["_syslogd", 73, 73, "Syslog Daemon", "/var/empty", "/sbin/nologin"],
  ["_ftp_proxy", 109, 109, "FTP proxy", "/nonexistent", "/sbin/nologin"],
  ["nobody", 32767, 32767, "Unprivileged user", "/nonexistent", "/sbin/nologin"],
  ["vagrant", 1000, 1000, "vagrant", "/home/vagrant", "/bin/ksh"],
] as const;
const GROUPS = [
  ["wheel", 0, "root,vagrant"],
  ["daemon", 1, "daemon"],
  ["operator", 5, "root"],
  ["bin", 7, ""],
  ["sshd", 27, ""],
  ["_syslogd", 73, ""],
  ["_pflogd", 74, ""],
  ["_ftp_proxy", 109, ""],
  ["nobody", 32767, ""],
  ["vagrant", 1000, ""],
] as const;

/** rc.conf(8): services of the base system and what they are started with. */
const SERVICES = { ftpproxy: "NO", ftpproxy6: "NO", ntpd: "", pflogd: "", sshd: "", syslogd: "" } as const;

const script = (daemon: string, more = "") => `#!/bin/ksh
daemon="${daemon}"
. /etc/rc.d/rc.subr
${more}rc_cmd $1
`;

export const etc = (): Readonly<Record<string, string>> => ({
  "etc/passwd": lines(
    USERS.map(([name, uid, gid, about, home, shell]) => `${name}:*:${uid}:${gid}:${about}:${home}:${shell}`),
  ),
  "etc/master.passwd": lines(
    USERS.map(([name, uid, gid, about, home, shell]) => `${name}:*:${uid}:${gid}:daemon:0:0:${about}:${home}:${shell}`),
  ),
  "etc/group": lines(GROUPS.map(([name, gid, members]) => `${name}:*:${gid}:${members}`)),
  "etc/doas.conf": "permit nopass keepenv vagrant\n",
  "etc/hosts": "127.0.0.1\tlocalhost\n::1\t\tlocalhost\n",
  "etc/myname": "openbsd.example.org\n",
  "etc/mygate": "10.0.2.2\n",
  "etc/hostname.vio0": "inet autoconf\n",
  "etc/resolv.conf": "lookup file\n",
  "etc/installurl": "https://cdn.openbsd.org/pub/OpenBSD\n",
  "etc/fstab": "/dev/sd0a / ffs rw,wxallowed 1 1\n",
  "etc/shells": "/bin/sh\n/bin/csh\n/bin/ksh\n",
  "etc/login.conf":
    "default:\\\n\t:path=/usr/bin /bin /usr/sbin /sbin /usr/X11R6/bin /usr/local/bin /usr/local/sbin:\n",
  "etc/pf.conf": "set skip on lo\n\nblock return\npass\n\nblock return in on ! lo0 proto tcp to port 6000:6010\n",
  "etc/rc.conf": lines(
    Object.entries(SERVICES)
      .map(([name, flags]) => `${name}_flags=${flags}`)
      .concat("pf=YES", "pkg_scripts="),
  ),
  "etc/rc.d/ftpproxy": script("/usr/sbin/ftp-proxy", "rc_reload=NO\n"),
  "etc/rc.d/ftpproxy6": script("/usr/sbin/ftp-proxy -6", "rc_reload=NO\n"),
  "etc/rc.d/sshd": script("/usr/sbin/sshd", 'pexp="sshd: /usr/sbin/sshd .*[[]listener].*"\n'),
  "etc/rc.d/syslogd": script("/usr/sbin/syslogd", 'pexp="/usr/bin/perl /usr/sbin/syslogd"\n'),
  "etc/syslog.conf": [
    "*.notice;auth,authpriv,cron,ftp,kern,lpr,mail,user.none\t/var/log/messages",
    "kern.debug;syslog,user.info\t\t\t\t/var/log/messages",
    "auth.info\t\t\t\t\t\t/var/log/authlog",
    "daemon.info\t\t\t\t\t\t/var/log/daemon",
    "",
  ].join("\n"),
  ...Object.fromEntries(["messages", "authlog", "daemon", "secure", "maillog"].map((name) => [`var/log/${name}`, ""])),
  "etc/ssh/sshd_config": [
    "Port 22",
    "ListenAddress 0.0.0.0",
    "HostKey /etc/ssh/ssh_host_ed25519_key",
    "AuthorizedKeysFile .ssh/authorized_keys",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    "UsePAM no",
    "UseDNS no",
    "PrintLastLog no",
    "MaxStartups 100",
    "MaxSessions 100",
    "PidFile /var/run/sshd.pid",
    "Subsystem sftp internal-sftp",
    // login.conf(5), class default.
    'SetEnv PATH="/usr/bin:/bin:/usr/sbin:/sbin:/usr/X11R6/bin:/usr/local/bin:/usr/local/sbin"',
    "",
  ].join("\n"),
});

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("");
