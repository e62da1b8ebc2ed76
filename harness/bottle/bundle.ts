/**
 * A user's module and all that it imports as one CommonJS text, which a bottle can evaluate: ES modules, CommonJS and
 * TypeScript alike. Node's own modules stay outside; the bottle has them.
 *
 * @example
 * const code = await bundled(file); // before the play: a virtual clock does not wait for files
 * openBottle(host).evaluate(file, code);
 */

const bundles = new Map<string, Promise<string>>();

/** Once for each file and run. Rejects when the file, or what it imports, cannot be bundled: one line that says why. */
export function bundled(file: string): Promise<string> {
  const known = bundles.get(file) ?? bundle(file);
  bundles.set(file, known);
  return known;
}

async function bundle(file: string): Promise<string> {
  // esbuild: the bundler that tsx uses already; it starts only when a user's module plays.
  const { build } = await import("esbuild");
  const options = { bundle: true, platform: "node", format: "cjs", target: "node20", write: false } as const;
  try {
    const { outputFiles } = await build({ ...options, entryPoints: [file], logLevel: "silent" });
    return outputFiles[0]?.text ?? "";
  } catch (error) {
    const [first] = (error as { readonly errors?: readonly BuildError[] }).errors ?? [];
    const { file: where = file, line = 0 } = first?.location ?? {};
    throw new Error(`${where}:${line}: ${first?.text ?? String(error)}`);
  }
}

interface BuildError {
  readonly text: string;
  readonly location: { readonly file: string; readonly line: number } | null;
}
