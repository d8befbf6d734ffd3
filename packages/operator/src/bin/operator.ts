import { runOperator } from '../main.ts';

process.exitCode = await runOperator(process.argv.slice(2), process.env);
process.exit();
