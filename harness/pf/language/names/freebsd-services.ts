/**
 * Port names of FreeBSD 15 (its usr.sbin/services_mkdb/services), for the ports that firewalls name: all up to 215, and
 * of the rest those of protocols in use. A port without a name here is printed as its number.
 *
 * port[/protocol]:name,alias,…; without a protocol the name is known for tcp and udp.
 */
export const freebsdServices = `
  1:tcpmux 2:compressnet 3:compressnet 5:rje 7:echo 9:discard,sink,null 11:systat,users 13:daytime 17:qotd,quote 18:msp
  19:chargen,ttytst,source 20:ftp-data 21:ftp 22:ssh 23:telnet 25:smtp,mail 27:nsw-fe 29:msg-icp 31:msg-auth 33:dsp
  37:time,timserver 38:rap 39:rlp,resource 41:graphics 42:nameserver,name 43:nicname,whois 44:mpm-flags 45:mpm
  46:mpm-snd 47:ni-ftp 48:auditd 49:tacacs 50:re-mail-ck 51:la-maint 52:xns-time 53:domain 54:xns-ch 55:isi-gl
  56:xns-auth 58:xns-mail 62:acas 63:whoispp,whois++ 64:covia 65:tacacs-ds 66:sql-net,sql*net 67:bootps,dhcps
  68:bootpc,dhcpc 69:tftp 70:gopher 71:netrjs-1 72:netrjs-2 73:netrjs-3 74:netrjs-4 76:deos 78:vettcp 79:finger
  80:http,www,www-http 82:xfer 83:mit-ml-dev 84:ctf 85:mit-ml-dev 86:mfcobol 88:kerberos-sec,kerberos 89:su-mit-tg
  90:dnsix 91:mit-dov 92:npp 93:dcp 94:objcall 95:supdup 96:dixie 97:swift-rvf 98:tacnews 99:metagram 100/tcp:newacct
  101:hostname,hostnames 102:iso-tsap,tsap 103:gppitnp 104:acr-nema 105:csnet-ns,cso-ns,cso 106/tcp:pop3pw,3com-tsmux
  106/udp:3com-tsmux 107:rtelnet 108:snagas 109:pop2,postoffice 110:pop3 111:sunrpc,rpcbind 112:mcidas
  113:auth,ident,tap 115:sftp 116:ansanotify 117:uucp-path 118:sqlserv 119:nntp,usenet 120:cfdptkt 121:erpc
  122:smakynet 123:ntp 124:ansatrader 125:locus-map 126:nxedit 127:locus-con 128:gss-xlicen 129:pwdgen 130:cisco-fna
  131:cisco-tna 132:cisco-sys 133:statsrv 134:ingres-net 135:epmap 136:profile 137:netbios-ns 138:netbios-dgm
  139:netbios-ssn 140:emfis-data 141:emfis-cntl 142:bl-idm 143:imap,imap2,imap4 144:uma 145:uaac 146:iso-tp0
  147:iso-ip 148:jargon 149:aed-512 150:sql-net 151:hems 152:bftp 153:sgmp 154:netsc-prod 155:netsc-dev 156:sqlsrv
  157:knet-cmp 158:pcmail-srv 159:nss-routing 160:sgmp-traps 161:snmp 162:snmptrap,snmp-trap 163:cmip-man
  164/tcp:cmip-agent 164/udp:smip-agent 165:xns-courier 166:s-net 167:namp 168:rsvd 169:send 170:print-srv
  171:multiplex 172:cl/1 173:xyplex-mux 174:mailq 175:vmnet 176:genrad-mux 177:xdmcp 178:nextstep 179:bgp 180:ris
  181:unify 182:audit 183:ocbinder 184:ocserver 185:remote-kis 186:kis 187:aci 188:mumps 189:qft 190:gacp
  191:prospero 192:osu-nms 193:srmp 194:irc 195:dn6-nlm-aud 196:dn6-smm-red 197:dls 198:dls-mon 199:smux 200:src
  201:at-rtmp 202:at-nbp 203:at-3 204:at-echo 205:at-5 206:at-zis 207:at-7 208:at-8 209:qmtp 210:z39-50,z39.50,wais
  211:914c-g,914c/g 212:anet 213:ipx 214:vmpwscs 215:softpc 216:CAIlic,atls 217:dbase 218:mpp 219:uarps 220:imap3
  256:rap 257:set 259:esro-gen 260:openport 264:bgmp 269/tcp:manet 280:http-mgmt 311:asip-webadmin 318:pkix-timestamp
  319:ptp-event 320:ptp-general 321:pip 322:rtsps 323/tcp:rpki-rtr 324/tcp:rpki-rtr-tls 346:zserv 366:odmr
  369:rpc2portmap 370:codaauth2 371:clearcase 372:ulistserv,ulistproc 384:arns 387:aurp 389:ldap 396:netware-ip
  401:ups 406:imsp 407:timbuktu 411:rmt 427:svrloc 433:nnsp 434:mobileip-agent 435:mobilip-mn 443:https 444:snpp
  445:microsoft-ds 446:ddm-rdb 447:ddm-dfm 448:ddm-ssl,ddm-byte 464:kpasswd,kpasswd5 465/tcp:smtps,urd,submissions
  465/udp:smtps,igmpv3lite 468:photuris 487:saft 488:gss-http 496:pim-rp-disc 497:retrospect 500:isakmp 502:mbap
  504:citadel 512/tcp:exec 512/udp:biff,comsat 513/tcp:login 513/udp:who,whod 514/tcp:shell,cmd 514/udp:syslog
  515:printer,spooler 517:talk 518:ntalk 519:utime,unixtime 520/tcp:efs 520/udp:router,route,routed 521:ripng 524:ncp
  525:timed,timeserver 526:tempo,newdate 530:courier,rpc 531:conference,chat 532:netnews,readnews 533:netwall
  538:gdomap 540:uucp,uucpd 541:uucp-rlogin 543:klogin 544:kshell,krcmd 546:dhcpv6-client 547:dhcpv6-server
  548:afpovertcp 550:new-rwho,new-who 554:rtsp 556:remotefs,rfs,rfs_server 560:rmonitor,rmonitord 561:monitor
  563:nntps,snntp 564:9pfs 565:whoami 574:ftp-agent 587:submission 591:http-alt 593:http-rpc-epmap 601:syslog-conn
  623:asf-rmcp 625:dec-dlm,dec_dlm 628:qmqp 631:ipp,ipps 636:ldaps,sldap 639:msdp 646:ldp 647:dhcp-failover 648:rrp
  654:aodv 655:tinc 660:mac-srvr-admin 664:asf-secure-rmcp 666:mdqs,doom 674:acap 691:msexch-routing 694:ha-cluster
  698:olsr 700:epp 705:agentx 706:silc 711:cisco-tdp 716/udp:pana 749:kerberos-adm 750/tcp:rfile
  750/udp:loadav,kerberos-iv,kdc 751:pump 754/tcp:krb_prop,krb5_prop,tell 754/udp:tell 758:nlogin 765:webster
  777:multiling-http 780:wpgs 800:mdbs-daemon,mdbs_daemon 801:device 802:mbap-s 810:fcp-udp 828:itm-mcell-s
  829:pkix-3-ca-ra 830:netconf-ssh 831:netconf-beep 847:dhcp-failover2 848:gdoi 853:domain-s 860:iscsi
  861:owamp-control 862:twamp-control 873:rsync 888:accessbuilder 901/tcp:swat,smpnameres 901/udp:smpnameres 910:kink
  953/tcp:rndc 989:ftps-data 990:ftps 991:nas 992:telnets 993:imaps 994:ircs 995:pop3s,spop3 1000:cadlock2
  1001/tcp:webpush 1010:surf 1021:exp1 1022:exp2 1025:blackjack 1026:cap 1027/udp:6a44 1043:boinc-client 1058:nim
  1059:nimreg 1067:instl-boots,instl_boots 1068:instl-bootc,instl_bootc 1080:socks 1085:webobjects 1098:rmiactivation
  1099:rmiregistry 1100:mctp 1109:kpop 1110/tcp:nfsd-status 1110/udp:nfsd-keepalive 1127/tcp:supfiledbg 1155:nfa
  1178/tcp:skkserv 1186:mysql-cluster 1194:openvpn 1220:qt-serveradmin 1281:healthd 1344:icap 1433:ms-sql-s
  1434:ms-sql-m 1524:ingreslock 1525:orasrv,prospero-np 1526:pdap-np 1527:tlisrv 1552:pciarray 1600:issd 1650:nkd
  1701:l2f,l2tp 1723/tcp:pptp 1812/udp:radius 1813/udp:radacct 1900:ssdp 1986:licensedaemon 1993:snmp-tcp-port
  2003/tcp:cfingerd 2004/tcp:mailbox 2005/udp:oracle 2040:lam 2041:interbase 2049:nfsd,nfs 2086:gnunet
  2102:zephyr-srv 2103/udp:zephyr-clt 2104/udp:zephyr-hm 2105:minipay,eklogin 2106:mzap,ekshell 2401:cvspserver
  2430:venus 2600:hpstgmgr 2601:discp-client 2602:discp-server 2603:servicemeter 2604:nsc-ccs 2605:nsc-posa
  2606:netmon 2607:connection 2608:wag-service 2628:dict 2775:smpp 2983:netplan 3020:cifs 3031:eppc 3050:gds_db
  3260:iscsi-target 3306:mysql 3389/tcp:ms-wbt-server,rdp 3389/udp:ms-wbt-server 3493:nut 3517:802-11-iapp 3653:tsp
  3689:daap 3690:svn 3784:bfd-control 3785:bfd-echo 3868/tcp:diameter 4045:lockd 4190:sieve 4321:rwhois 4369:epmd
  4444:krb524,nv-video 4500:ipsec-nat-t 4559:hylafax 4739:ipfix 4740:ipfixs 4789/udp:vxlan 5002:rfe 5050:mmcc 5060:sip
  5061:sip-tls 5222:xmpp-client 5269:xmpp-server 5298:presence 5308:cfengine 5353:mdns 5354:mdnsresponder
  5432:postgresql 5480:vami 5555/tcp:personal-agent 5555/udp:rplay 5671:amqps 5672:amqp 5680/tcp:canna
  5680/udp:auriga-router 5900:vnc-server 5984:couchdb 5999/tcp:cvsup 6000:x11 6010:x11-ssh 6444:sge_qmaster
  6445:sge_execd 6566:sane-port 6620:kftp-data 6621:kftp 6623:ktelnet 6665:ircu 6667/tcp:ircd 6697/tcp:ircs-u
  7000:afs3-fileserver 7001:afs3-callback 7002:afs3-prserver 7003:afs3-vlserver 7004:afs3-kaserver 7005:afs3-volser
  7006:afs3-errors 7007:afs3-bos 7008:afs3-update 7009:afs3-rmtsys 7010:afs3-resserver,ups-onlinet 7011:afs3-remio
  7100:font-service 7626/tcp:simco 8021/tcp:ftp-proxy 8021/udp:intu-ec-client 8080:http-alt 8118:privoxy
  8140/tcp:puppet 8471/tcp:pim 8600:asterix 8953/tcp:ub-dns-control 9084:aurora 9100/tcp:jetdirect,pdl-datastream
  9100/udp:pdl-datastream 9101:bacula-dir 9102:bacula-fd 9103:bacula-sd 9124/tcp:prom-sysctl 9418:git 9572/tcp:prom-ctl
  9628:odbcpathway 9800:davsrc 9802:davsrcs 9876:sd 9900:iua 9901/udp:enrp 10050:zabbix-agent 10051:zabbix-trapper
  10080:amanda 10082/tcp:amandaidx 10083/tcp:amidxtape 13782:bpcd 14001/tcp:sua 16992:amt-soap-http
  16993:amt-soap-https 16994:amt-redir-tcp 16995:amt-redir-tls 17007:isode-dua 18000:biimenu 20049:nfsrdma
  22273/tcp:wnn6,wnn4 22289/tcp:wnn6_Cn,wnn4_Cn 22305/tcp:wnn6_Kr,wnn4_Kr 22321/tcp:wnn6_Tw,wnn4_Tw 26208:wnn6-ds
  47557:dbbrowse
`;
