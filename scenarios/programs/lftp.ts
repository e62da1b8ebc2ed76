import { lftp } from "../players/programs/lftp.ts";
import { programMatrix } from "../players/programs/matrix.ts";

export default programMatrix(lftp);
