/** `$(NAME)` in commands, arguments and values of the environment. */
const REFERENCE = /\$\$|\$\(([^()]*)\)/g;

/** An unknown name stays as it is written; `$$` is a dollar sign. */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(REFERENCE, (whole: string, name: string | undefined) => {
    if (name === undefined) return '$';
    return variables[name] ?? whole;
  });
}
