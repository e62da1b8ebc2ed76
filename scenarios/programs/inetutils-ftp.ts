import { inetutilsFtp } from "../players/programs/inetutils-ftp.ts";
import { programMatrix } from "../players/programs/matrix.ts";

export default programMatrix(inetutilsFtp);
