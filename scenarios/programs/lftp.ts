import { lftp, programMatrix } from "anchorage";

export default programMatrix(lftp);
