/**
 * Operating systems that passive fingerprinting distinguishes (pf.os of OpenBSD 7.8): class, version, subtype.
 * `canonicalSystem("windows 2000 sp2")` is `Windows 2000 SP2`; an unknown name is `nomatch`, as pfctl prints it.
 */

/** Class: version=subtype,subtype; version … – indented lines go on with the class above. */
const table = `
  AIX: 4.3=2,2-3,3; 5.1; 5.1-5.2; 5.2; 5.3=ML1
  Alteon: ACEswitch
  AMIGAOS: 3.9
  AOL: web cache
  AXIS: 5600=v5.64
  BeOS: 5.0; 5.0-5.1; 5.1
  BSD/OS: 3.1; 4.0; 4.0-4.3; 4.1; 4.2; 4.3
  CacheFlow: 1.1; 4.1
  Checkpoint:
  Cisco: 12008; Content Engine
  Contiki: 1.1=rc0
  Dell: PowerApp cache
  DOS: WATTCP=1.05,1.05Arachne
  Eagle:
  ExtremeWare: 4.x
  FortiNet: FortiGate=50
  FreeBSD: 2.0; 2.0-2.2; 2.1; 2.2; 3.0; 3.0-3.5; 3.1; 3.2; 3.3; 3.4; 3.5; 4.0; 4.0-4.2; 4.1; 4.10; 4.11; 4.2; 4.4;
    4.6=noRFC1323; 4.6-4.8=noRFC1323; 4.6-4.9; 4.7=noRFC1323; 4.7-4.11; 4.8=noRFC1323; 4.8-4.11; 4.9; 5.0; 5.0-5.1;
    5.0-5.2; 5.1; 5.2
  FreeMiNT: 1=16A
  HP-UX: 11.0; 11.10; 11.11; B.10.20; B.11.00=A
  Inktomi: crawler
  IRIX: 6.2; 6.2-6.5; 6.3; 6.4; 6.5=12,12-21,13,14,15,15-21,16,17,18,19,20,21,IP27,RFC1323
  LinkSys: WRV54G
  Linux: 2.0=3x; 2.2=20,20-25,21,22,23,24,25,lo0,Opera,ts; 2.4=.18-21,cluster,lo0,Opera,ts; 2.5; 2.5-2.6; 2.6=.1-7;
    3.0; google
  LookSmart: ZyBorg
  MacOS: 7.3=OTTCP; 7.3-7.6=OTTCP; 7.4=OTTCP; 7.5=OTTCP; 7.6=OTTCP; 8.0=OTTCP; 8.0-8.6=OTTCP; 8.1=OTTCP;
    8.1-8.6=OTTCP; 8.2=OTTCP; 8.3=OTTCP; 8.4=OTTCP; 8.5=OTTCP; 8.6=OTTCP; 9.0; 9.0-9.2; 9.1; 9.2
  NAST:
  NetApp: 4.1; 5.2=1; 5.3=1; 5.3-5.5; 5.4; 5.5; 5.x; CacheFlow
  NetBSD: 1.3; 1.6=df,opera,randomization
  NewtonOS: 2.1
  NeXTSTEP: 3.3
  NMAP: OS=1,2,3,4; syn scan=1,2,3,4
  Nortel: Contivity Client
  Novell: BorderManager; IntranetWare=4.11; NetWare=5.0,6
  OpenBSD: 2.6; 3.0-4.0=opera; 3.0-4.8=no-df; 3.3-4.0=no-df; 4.9=no-df; 6.1=no-df
  OpenVMS: 7.2
  OS/2: 4
  OS/400: V4R5=CF67032; VR4; VR5
  PalmOS: 3=5; 4; 5; 5.2=Clie,Treo; Tungsten=C
  Plan9: 4
  PocketPC: 2002
  Proxyblocker:
  QNX:
  Redline:
  RISC OS: 3.70=4.10
  SCO: OpenServer=5.0; UnixWare=7.1
  Sega: Dreamcast=3.0,HKT-3020
  Solaris: 10=beta; 2.5=1; 2.5-2.7; 2.6; 2.6-2.7; 2.7; 2.9; 8=RFC1323
  Sony: PS2
  Spirent: Avalanche
  SunOS: 4.1
  SymbianOS: 6048; 6600; 7; 9210; P800
  TOPS-20: 7
  Tru64: 4.0; 5.0; 5.1=noRFC1323; 5.1a=JP4
  ULTRIX: 4.5
  Windows: .NET; 2000=cisco,RFC1323,SP2,SP2+,SP3,SP4,ZoneAlarm; 2003=AS; 3.11; 95=b,winsock2;
    98=lowTTL,noSack,RFC1323; CE=2.0; ME; NT=4.0; Vista; XP=cisco,RFC1323,SP1,SP3
  Zaurus: 3.10
`;

interface Version {
  readonly name: string;
  readonly subtypes: readonly string[];
}

const classes = new Map<string, { readonly name: string; readonly versions: readonly Version[] }>();
for (const line of table
  .replace(/\n {4}/g, " ")
  .trim()
  .split("\n")) {
  const colon = line.indexOf(": ");
  const name = line
    .slice(0, colon < 0 ? undefined : colon)
    .replace(/:$/, "")
    .trim();
  const versions = (colon < 0 ? "" : line.slice(colon + 2).trim()).split("; ").filter((text) => text !== "");
  classes.set(name.toLowerCase(), {
    name,
    versions: versions.map((text) => {
      const [version = "", subtypes] = text.split("=");
      return { name: version, subtypes: subtypes === undefined ? [] : subtypes.split(",") };
    }),
  });
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export function canonicalSystem(text: string): string {
  if (same(text, "unknown")) return "unknown";
  const whole = classes.get(text.toLowerCase());
  if (whole !== undefined) return whole.name;
  const space = text.indexOf(" ");
  const system = space < 0 ? undefined : classes.get(text.slice(0, space).toLowerCase());
  if (system === undefined) return "nomatch";
  const rest = text.slice(space + 1);
  const exact = system.versions.find(({ name }) => same(name, rest));
  if (exact !== undefined) return `${system.name} ${exact.name}`;
  for (const { name, subtypes } of system.versions) {
    // Between version and subtype is a dot, a blank or a dash: `Linux 2.2.20`, `Windows 2000 SP2`.
    if (!same(rest.slice(0, name.length), name) || !/^[. \t-]$/.test(rest.charAt(name.length))) continue;
    const subtype = subtypes.find((candidate) => same(candidate, rest.slice(name.length + 1)));
    if (subtype === undefined) continue;
    const joint = !name.includes(" ") && name.includes(".") && /^\d/.test(subtype) ? "." : " ";
    return `${system.name} ${name}${joint}${subtype}`;
  }
  return "nomatch";
}
