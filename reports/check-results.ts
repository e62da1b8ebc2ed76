/**
 * Checks a parsed `results.json` against its published schema, so that a damaged or foreign file is named before any
 * report reads it.
 *
 *     resultsTrouble(JSON.parse(text)); // "plays/3/grade must be one of passed, failed …", or undefined
 */
import { Ajv, type ErrorObject } from "ajv";
import schema from "./results.schema.json" with { type: "json" };

const validate = new Ajv({ strict: false, allowUnionTypes: true }).compile(schema);

/** The first thing that is wrong, and where. */
export function resultsTrouble(value: unknown): string | undefined {
  if (validate(value)) return undefined;
  const [first] = validate.errors ?? [];
  return first === undefined ? "it does not fit the schema" : inWords(first);
}

function inWords({ instancePath, message = "is wrong", params }: ErrorObject): string {
  const place = instancePath === "" ? "the file" : instancePath.slice(1);
  const extra: unknown = params.additionalProperty ?? params.allowedValues ?? params.allowedValue;
  return `${place} ${message}${extra === undefined ? "" : ` (${[extra].flat().join(", ")})`}`;
}
