import { describe, expect, test } from "vitest";
import { parseExtendedPort, parsePort } from "./announced-port.ts";

describe("the port that a line announces", () => {
  test("PORT and 227: the last two of six numbers", () => {
    expect(parsePort("PORT 10,0,0,5,156,64\r\n")).toBe(40_000);
    expect(parsePort("227 Entering Passive Mode (192,0,2,1,195,80)\r\n")).toBe(50_000);
  });

  test("229: the one number between delimiters", () => {
    expect(parseExtendedPort("229 Entering Extended Passive Mode (|||50000|)\r\n")).toBe(50_000);
  });

  test("EPRT: the last number, not the family before the address", () => {
    expect(parseExtendedPort("EPRT |1|198.51.100.1|59994|\r\n")).toBe(59_994);
    expect(parseExtendedPort("EPRT |2|2001:db8:2::1|59015|\r\n")).toBe(59_015);
    expect(parseExtendedPort("EPRT !1!198.51.100.1!59994!\r\n")).toBe(59_994);
  });

  test("other lines announce nothing", () => {
    expect(parsePort("200 PORT 10,0,0,5,156,64\r\n")).toBeUndefined();
    expect(parseExtendedPort("EPSV ALL\r\n")).toBeUndefined();
  });
});
