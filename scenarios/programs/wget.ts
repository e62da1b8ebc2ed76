import { programMatrix } from "../players/programs/matrix.ts";
import { wget } from "../players/programs/wget.ts";

export default programMatrix(wget);
