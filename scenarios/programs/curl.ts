import { curl } from "../players/programs/curl.ts";
import { programMatrix } from "../players/programs/matrix.ts";

export default programMatrix(curl);
