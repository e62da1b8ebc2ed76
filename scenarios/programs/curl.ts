import { curl, programMatrix } from "anchorage";

export default programMatrix(curl);
