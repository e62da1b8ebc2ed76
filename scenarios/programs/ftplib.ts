import { ftplib, programMatrix } from "anchorage";

export default programMatrix(ftplib);
