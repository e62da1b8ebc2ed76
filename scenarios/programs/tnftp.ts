import { programMatrix } from "../players/programs/matrix.ts";
import { tnftp } from "../players/programs/tnftp.ts";

export default programMatrix(tnftp);
