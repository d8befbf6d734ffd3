/** Plays one group of recordings against one fresh server. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from './compare.ts';
import { createRequester, type Requester } from './http.ts';
import { createTally, type Outcome, type Tally } from './outcome.ts';
import { type KubectlPlace, playKubectl } from './play-kubectl.ts';
import { playRequest } from './play-request.ts';
import { playWatch } from './play-watch.ts';
import { countSteps, type Group, type Scenario, type Step } from './recording.ts';
import { deadAddress, startTestServer, type TestServer } from './server.ts';
import { createVariables, type Variables } from './variables.ts';
import { startWebhookServer, type WebhookServer } from './webhook.ts';

export interface ScenarioResult {
  name: string;
  total: number;
  outcomes: Outcome[];
}

interface Stage {
  server: TestServer;
  requester: Requester;
  variables: Variables;
  webhook: WebhookServer;
  place: KubectlPlace;
  tally: Tally;
}

export async function playGroup(group: Group, only: string | undefined): Promise<ScenarioResult[]> {
  const server = await startTestServer(group.needs);
  const webhook = await startWebhookServer(group, await server.certificate('127.0.0.1'));
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  const results: ScenarioResult[] = [];
  try {
    const dead = await deadAddress();
    for (const scenario of group.scenarios) {
      if (only !== undefined && !scenario.name.includes(only)) continue;
      const variables = createVariables({
        webhook: webhook.url,
        webhookCA: Buffer.from(server.ca).toString('base64'),
        deadAddress: dead,
        server: server.url,
      });
      const place = kubectlPlace(folder, server, results.length);
      results.push(await playScenario(scenario, { server, webhook, variables, place }));
    }
  } finally {
    await webhook.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

function kubectlPlace(folder: string, server: TestServer, index: number): KubectlPlace {
  const own = mkdtempSync(join(folder, `${index}-`));
  const kubeconfig = join(folder, 'kubeconfig');
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority-data': base64(server.ca) } }],
    users: [
      {
        name: 'admin',
        user: {
          'client-certificate-data': base64(server.admin.cert),
          'client-key-data': base64(server.admin.key),
        },
      },
    ],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'admin' } }],
    'current-context': 'x',
  };
  writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
  return { folder: own, kubeconfig };
}

async function playScenario(
  scenario: Scenario,
  parts: Pick<Stage, 'server' | 'webhook' | 'variables' | 'place'>,
): Promise<ScenarioResult> {
  const requester = createRequester(parts.server, parts.variables);
  const tally = createTally();
  try {
    await playSteps(scenario.steps, { ...parts, requester, tally });
  } finally {
    requester.close();
  }
  return { name: scenario.name, total: countSteps(scenario.steps), outcomes: tally.outcomes };
}

async function playSteps(steps: readonly Step[], stage: Stage): Promise<void> {
  for (const step of steps) {
    stage.webhook.expect(step.webhookCalls ?? []);
    stage.webhook.take();
    let why: string | undefined;
    try {
      why = (await playStep(step, stage)) ?? (await checkCalls(step, stage));
    } catch (error) {
      why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    if (step.server !== undefined || (step.prepare === true && why === undefined)) continue;
    if (step.prepare === true)
      stage.tally.outcomes.push({
        passed: true,
        step: `preparation ${title(step)}`,
        ...(why === undefined ? {} : { why }),
      });
    else stage.tally.add(title(step), why);
  }
}

function title(step: Step): string {
  const text =
    step.request === undefined
      ? `kubectl ${step.kubectl?.join(' ') ?? ''}`
      : `${step.request.method} ${step.request.path}`;
  return step.note === undefined ? text : `${text} (${step.note})`;
}

function playStep(step: Step, stage: Stage): Promise<string | undefined> {
  const during = (steps: readonly Step[]): Promise<void> => playSteps(steps, stage);
  if (step.server === 'compact') {
    stage.server.compact();
    return Promise.resolve(undefined);
  }
  if (step.kubectl !== undefined) return playKubectl(step, stage.place, stage.variables, during);
  if (step.response?.events !== undefined) return playWatch(step, stage.requester, stage.variables, during);
  return playRequest(step, stage.requester, stage.variables);
}

/** The calls that arrived while the step ran are the recorded ones, in any order. */
async function checkCalls(step: Step, { webhook, variables }: Stage): Promise<string | undefined> {
  if (step.prepare === true || step.request === undefined) return undefined;
  const received = webhook.take();
  const expected = step.webhookCalls ?? [];
  if (received.length !== expected.length) {
    return `webhooks: expected ${expected.length} calls, got ${received.map((call) => call.path).join(', ') || 'none'}`;
  }
  const left = [...received];
  for (const { path, request } of expected) {
    const how = { variables, binding: {}, subset: false, unordered: false };
    const wrongs = left.map((call) => (call.path === path ? compare(request, call.request, how) : `path ${call.path}`));
    const place = wrongs.indexOf(undefined);
    if (place < 0) return `webhooks: ${path}: ${wrongs.join('; ')}`;
    left.splice(place, 1);
  }
  return undefined;
}
