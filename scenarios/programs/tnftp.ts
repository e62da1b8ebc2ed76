import { programMatrix, tnftp } from "anchorage";

export default programMatrix(tnftp);
