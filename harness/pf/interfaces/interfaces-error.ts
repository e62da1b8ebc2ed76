/** A file of interfaces that cannot be used: what is wrong, and in which line if that can be said. */
export class InterfacesError extends Error {
  override readonly name = "InterfacesError";
  /** 1-based. */
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}
