import { ftplib } from "../players/programs/ftplib.ts";
import { programMatrix } from "../players/programs/matrix.ts";

export default programMatrix(ftplib);
