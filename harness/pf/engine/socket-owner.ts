/** Who owns a local socket: what `user` and `group` of pf.conf(5) ask about. */
export interface SocketOwner {
  readonly uid: number;
  readonly gid: number;
}
