import { quirkyServer, type Reply } from "anchorage";

const comparesAddress: Reply = ({ session }) => {
  const { named, peerAddress } = session;
  if (named?.address === peerAddress) return "200 PORT command successful";
  session.forgetsData();
  return `500 I won't open a connection to ${named?.address} (only to ${peerAddress})`;
};

export default quirkyServer({
  title: "A server that dials its client's address only",
  who: "pure-ftpd and vsftpd compare the address in PORT with that of the control connection. A NAT that leaves PORT as it is gets 500; ftp-proxy(8) writes the address that the server sees.",
  sources: ["RFC 2577 §3", "stilliard/docker-pure-ftpd #196", "QuorumDMS/ftp-srv #248", "jedisct1/pure-ftpd #55"],
  priority: 1,
  modes: ["active"],
  replies: { PORT: comparesAddress, EPRT: comparesAddress },
});
