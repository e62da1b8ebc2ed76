import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A plain client",
  who: "No quirk: the client that all others differ from in one point. Here it fetches passively and stores actively.",
  sources: ["RFC 959 §5", "RFC 2428"],
  priority: 1,
  modes: ["passive", "active"],
});
