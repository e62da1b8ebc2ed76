// Module hooks for scenarios of users, in whatever folder they are: `import … from "anchorage"` is this very package,
// and a TypeScript file is an ES module even if the nearest package.json says CommonJS.
let anchorage;

export function initialize(data) {
  anchorage = data.anchorage;
}

export async function resolve(specifier, context, next) {
  if (specifier === "anchorage") return { url: anchorage, format: "module", shortCircuit: true };
  const resolved = await next(specifier, context);
  const isTypeScript = /\.ts(\?|$)/.test(resolved.url);
  return isTypeScript && resolved.format === "commonjs" ? { ...resolved, format: "module" } : resolved;
}
