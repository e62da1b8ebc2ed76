/**
 * Compares the service of a play with the expected one.
 *
 * @example
 * serviceFindings(works, service) // [{ kind: "expectation", message: "the proxy hung up …", … }]
 */

import type { Finding, Service } from "../../reports/model.ts";
import { describeExpectation, type Expectation } from "../contract/expectation.ts";

export function serviceFindings(expected: Expectation, service: Service): Finding[] {
  if (isMet(expected, service)) return [];
  return [
    {
      kind: "expectation",
      message: service.verdict === "fails" ? service.reason : `${describeService(service)}: ${service.reason}`,
      expected: describeExpectation(expected),
      actual: describeService(service),
    },
  ];
}

function isMet(expected: Expectation, { verdict, by, where, notice = "" }: Service): boolean {
  if (expected.service === "any") return true;
  if (expected.service === "served") return verdict !== "fails";
  if (expected.service !== verdict) return false;
  if (expected.by !== undefined && expected.by !== by) return false;
  if (expected.at !== undefined && !(where !== undefined && [expected.at].flat().includes(where))) return false;
  return notice.startsWith(expected.notice ?? "");
}

/** In the words of an expectation. @example "fails at the 227, by the proxy: connection closed" */
export const describeService = ({ verdict, by, where, notice }: Service): string =>
  describeExpectation({
    service: verdict,
    ...(by === undefined ? {} : { by }),
    ...(where === undefined ? {} : { at: where }),
    ...(notice === undefined ? {} : { notice }),
  });
