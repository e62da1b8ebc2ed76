import { fails, quirkyServer } from "anchorage";

const noGreeting = fails({ by: "server", at: "the greeting", notice: "hangs" });

export default quirkyServer({
  title: "A greeting in HTTP",
  who: "A web server listens on port 21. ftp-proxy(8) does not guess protocols: the line goes on to the client, which waits for a 220 or gives up.",
  sources: ["curl test2045", "captures/quirks/banner-no-code.http.txt"],
  priority: 3,
  topic: "replies",
  replies: { greeting: "HTTP/1.1 200 OK" },
  expect: { "ftp-proxy": noGreeting, conntrack: noGreeting, none: noGreeting },
});
