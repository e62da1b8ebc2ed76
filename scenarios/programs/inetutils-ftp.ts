import { inetutilsFtp, programMatrix } from "anchorage";

export default programMatrix(inetutilsFtp);
