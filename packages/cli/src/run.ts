import { type Command, CommanderError } from 'commander';

/** Runs a program as the plugin's users expect: errors as `Error: ...` on stderr with exit code 1, help with 0. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<void> {
  configure(program);
  process.stdout.on('error', endWithReader);
  if (argv.length === 2) return program.outputHelp();
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 || error.code === 'commander.help' ? 0 : 1;
    } else {
      console.error(`Error: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
}

/** Whoever reads has seen enough, as `head` has: that is no failure of ours. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}

function configure(command: Command): void {
  command.exitOverride();
  command.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'Error: ')) });
  command.showSuggestionAfterError();
  for (const child of command.commands) configure(child);
}
