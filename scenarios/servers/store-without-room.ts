import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "452 after an upload",
  who: "The disk is full, and the server says so only when it has taken all the data. ftp-proxy(8) passes data and refusal.",
  sources: ["RFC 959 §5.4", "curl tests/data/test362"],
  topic: "commands",
  errands: ["store", "fetch"],
  commands: {
    STOR: async (session, name) => {
      session.notes.set("storing", true);
      await session.obeysPlainly("STOR", name);
      session.notes.delete("storing");
    },
  },
  replies: { done: ({ session }) => (session.notes.has("storing") ? "452 No space left on device" : "226 Done") },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "STOR", notice: "452" }),
    conntrack: fails({ by: "server", at: "STOR", notice: "452" }),
  },
});
