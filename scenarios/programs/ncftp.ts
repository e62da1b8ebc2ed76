import { programMatrix } from "../players/programs/matrix.ts";
import { ncftp } from "../players/programs/ncftp.ts";

export default programMatrix(ncftp);
