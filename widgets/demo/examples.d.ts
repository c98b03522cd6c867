/** The golden documents, by name: the build puts them in. */
declare module 'examples' {
  export const EXAMPLES: Record<string, unknown>;
}
