/**
 * Port names, as getservbyname(3) of OpenBSD 7.8 and of FreeBSD 15 knows them. pf.conf takes the tcp port of a name, else its udp port;
 * `pfctl -P` prints names again.
 */

import { freebsdServices } from "./freebsd-services.ts";
import type { System } from "./owners.ts";

/** port[/protocol]:name,alias,…; without a protocol the name is known for tcp and udp. */
const table = `
  1/tcp:tcpmux 7:echo 9:discard,sink,null 11/tcp:systat,users 13:daytime 15/tcp:netstat 17/tcp:qotd,quote 18:msp
  19:chargen,ttytst,source 20/tcp:ftp-data 21/tcp:ftp 22:ssh 23/tcp:telnet 25/tcp:smtp,mail 37:time,timserver
  39/udp:rlp,resource 42/tcp:nameserver,name 43/tcp:whois,nicname 49:tacacs,tacas+ 53:domain 57/tcp:mtp 67:bootps
  68:bootpc 69/udp:tftp 70:gopher 77/tcp:rje,netrjs 79/tcp:finger 80/tcp:www,http 80/udp:www 87/tcp:link,ttylink
  88:kerberos,kerberos-sec 95/tcp:supdup 101/tcp:hostnames,hostname 102/tcp:iso-tsap,tsap 103/tcp:x400
  104/tcp:x400-snd 105:csnet-ns,cso-ns 107:rtelnet 110/tcp:pop3 111:sunrpc,portmap,rpcbind
  113/tcp:auth,authentication,tap,ident 115/tcp:sftp 117/tcp:uucp-path 119/tcp:nntp,readnews,untp 123:ntp
  129:pwdgen 135:epmap 137:netbios-ns 138:netbios-dgm 139:netbios-ssn 143/tcp:imap,imap2 152/tcp:bftp 161/udp:snmp
  162/udp:snmp-trap,snmptrap 163:cmip-man 164:cmip-agent 177:xdmcp 178:nextstep,NeXTStep,NextStep 179/tcp:bgp
  191:prospero 194/tcp:irc 199:smux 201:at-rtmp 202:at-nbp 204:at-echo 206:at-zis 210:z3950,wais 213:ipx
  323/tcp:rpki-rtr 372:ulistserv 389:ldap 427:svrloc 433/tcp:nnsp,usenet 443:https 444/tcp:snpp 445:microsoft-ds
  464:kpasswd 465/tcp:submissions,smtps 468:photuris 500/udp:isakmp 512/tcp:exec 512/udp:biff,comsat 513/tcp:login
  513/udp:who,whod 514/tcp:shell,cmd 514/udp:syslog 515/tcp:printer,spooler 517/udp:talk 518/udp:ntalk
  520/udp:route,router,routed 521/tcp:efs 525/udp:timed,timeserver 526/tcp:tempo,newdate 530/tcp:courier,rpc
  531/tcp:conference,chat 532/tcp:netnews,readnews 533/udp:netwall 540/tcp:uucp,uucpd 543/tcp:klogin
  544/tcp:kshell,krcmd 545/tcp:ekshell 546/udp:dhcpv6-client 547/udp:dhcpv6-server 556/tcp:remotefs,rfs_server,rfs
  548/tcp:afpovertcp 554:rtsp 587/tcp:submission,msa 623/udp:asf-rmcp 631:ipp 636:ldaps 646:ldp 705/tcp:agentx
  706/tcp:silc 749:kerberos-adm 853:domain-s 873/tcp:rsync 993/tcp:imaps 995/tcp:pop3s,spop3 1080/tcp:socks
  1109/tcp:kpop 1194:openvpn 1433:ms-sql-s,Microsoft-SQL-Server 1434:ms-sql-m,Microsoft-SQL-Monitor 1524:ingreslock
  1525:prospero-np 1646/udp:sa-msg-port 1701/udp:l2tp 1723:pptp 1812/udp:radius 1813/udp:radacct,radius-acct
  1900:ssdp 2049:nfsd,nfs 2105/tcp:eklogin 2108/tcp:rkinit 2110/tcp:kf 2111/tcp:kx 2112/tcp:kip 2120/tcp:kauth
  2121/tcp:iprop 2401:cvspserver 2600/tcp:zebrasrv 2601/tcp:zebra 2602/tcp:ripd 2603/tcp:ripng 2604/tcp:ospfd
  2605/tcp:bgpd 2606/tcp:ospf6d 2607/tcp:ospfapi 2608/tcp:isisd 2983/tcp:netplan 3031:eppc 3260/tcp:iscsi
  3306/tcp:mysql 3389/tcp:rdp 3517:iapp,802-11-iapp 3689:daap 3690/tcp:svn 3784/udp:bfd-control 3785/udp:bfd-echo
  4190/tcp:sieve 4444:krb524 4500:ipsec-nat-t,ipsec-msft 4559/tcp:hylafax 4754/udp:gre-in-udp 4755/udp:gre-udp-dtls
  4789/udp:vxlan 5002:rfe 5060:sip 5222/tcp:xmpp-client 5269/tcp:xmpp-server 5280/tcp:xmpp-bosh 5298:presence
  5353:mdns 5354:mdnsresponder 5432:postgresql 5540:matter 5900/tcp:rfb,vnc 6514/tcp:syslog-tls
  7000:afs3-fileserver 7001:afs3-callback 7002:afs3-prserver 7003:afs3-vlserver 7004:afs3-kaserver 7005:afs3-volser
  7006:afs3-errors 7007:afs3-bos 7008:afs3-update 7009:afs3-rmtsys 8140/tcp:puppet 8448/tcp:matrix-fed
  8953/tcp:ub-dns-control 9418:git 10050:zabbix-agent 10051:zabbix-trapper 16992:amt-soap-http 16993:amt-soap-https
  16994:amt-redir-tcp 16995:amt-redir-tls 20005:openwebnet,xcept 106/tcp:pop3pw,poppassd 750:kerberos-iv,kdc
  751:kerberos_master 754/tcp:krb_prop,hprop 760/tcp:krbupdate,kreg 1645/udp:datametrics 2106/tcp:ekshell2
  2627/tcp:webster 3109/tcp:conserver 5680/tcp:canna 6566/tcp:sane-port 7326/tcp:icb 8025/tcp:spamd
  8025/udp:spamd-sync 8026/tcp:spamd-cfg 8067/udp:dhcpd-sync 26740/udp:hunt
`;

type Transport = "tcp" | "udp";

interface Services {
  readonly byName: Record<Transport, Map<string, number>>;
  readonly byPort: Record<Transport, Map<number, string>>;
}

function services(entries: string): Services {
  const byName = { tcp: new Map<string, number>(), udp: new Map<string, number>() };
  const byPort = { tcp: new Map<number, string>(), udp: new Map<number, string>() };
  for (const entry of entries.trim().split(/\s+/)) {
    const colon = entry.indexOf(":");
    const [port, protocol] = entry.slice(0, colon).split("/") as [string, Transport | undefined];
    for (const transport of protocol === undefined ? (["tcp", "udp"] as const) : [protocol]) {
      for (const name of entry.slice(colon + 1).split(",")) {
        if (!byName[transport].has(name)) byName[transport].set(name, Number(port));
        if (!byPort[transport].has(Number(port))) byPort[transport].set(Number(port), name);
      }
    }
  }
  return { byName, byPort };
}

const openbsd = services(table);
const freebsd = services(freebsdServices);
const of = (system: System): Services => (system === "FreeBSD" ? freebsd : openbsd);

/** `servicePort("ftp", "OpenBSD")` is 21. */
export function servicePort(name: string, system: System): number | undefined {
  const { tcp, udp } = of(system).byName;
  return tcp.get(name) ?? udp.get(name);
}

export const serviceName = (port: number, transport: Transport, system: System): string | undefined =>
  of(system).byPort[transport].get(port);
