/** The programs of the compatibility matrix, in its order. */

import { curl } from "./curl.ts";
import { ftplib } from "./ftplib.ts";
import { inetutilsFtp } from "./inetutils-ftp.ts";
import { inetutilsFtpd } from "./inetutils-ftpd.ts";
import { lftp } from "./lftp.ts";
import { ncftp } from "./ncftp.ts";
import { proftpd } from "./proftpd.ts";
import type { ClientProgram } from "./program-client.ts";
import type { ServerProgram } from "./program-server.ts";
import { pureFtpd } from "./pure-ftpd.ts";
import { pyftpdlib } from "./pyftpdlib.ts";
import { tnftp } from "./tnftp.ts";
import { vsftpd } from "./vsftpd.ts";
import { wget } from "./wget.ts";

export const CLIENTS: readonly ClientProgram[] = [curl, lftp, ncftp, inetutilsFtp, tnftp, wget, ftplib];
export const SERVERS: readonly ServerProgram[] = [vsftpd, proftpd, pureFtpd, inetutilsFtpd, pyftpdlib];
