import { Command } from 'commander';
import { addClusterCommands } from '../plugin.ts';
import { runProgram } from '../run.ts';

const program = new Command('kubectl cnpg').description('Manage PostgreSQL clusters on Kubernetes.');
addClusterCommands(program);
await runProgram(program, process.argv);
