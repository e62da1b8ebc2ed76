import { programMatrix, wget } from "anchorage";

export default programMatrix(wget);
