import { ncftp, programMatrix } from "anchorage";

export default programMatrix(ncftp);
