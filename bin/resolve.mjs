// How scenarios of users find us, wherever they lie: `import … from "anchorage"` means this very
// package, and a TypeScript file is a module whether or not a package.json beside it says so.
const own = new URL("../index.ts", import.meta.url).href;

export async function resolve(specifier, context, next) {
  if (specifier === "anchorage") return { url: own, format: "module", shortCircuit: true };
  const resolved = await next(specifier, context);
  const isTypeScript = /\.ts(\?|$)/.test(resolved.url);
  return isTypeScript && resolved.format === "commonjs" ? { ...resolved, format: "module" } : resolved;
}
