import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A line without a code before the greeting",
  who: "A home-made server, or the debug output of one, greets in words before its 220. The first byte ends the 30 s of ftp-proxy(8), whatever it is; what to make of the line is the client's affair.",
  sources: ["python/cpython #123911", "captures/quirks/banner-no-code.text.txt"],
  priority: 3,
  topic: "replies",
  replies: { greeting: "Hello, please log in\r\n220 Ready" },
});
