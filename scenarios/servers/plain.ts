import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A plain server",
  who: "No quirk: the server that all others differ from in one point.",
  sources: ["RFC 959", "RFC 2428"],
  priority: 1,
});
