/** The form of a recording, as tests/conformance/kube-api/README.md describes it. */

export interface Group {
  group: string;
  description: string;
  needs: string[];
  scenarios: Scenario[];
}

export interface Scenario {
  name: string;
  steps: Step[];
}

export interface RecordedRequest {
  method: string;
  path: string;
  user?: 'anonymous';
  headers?: { [name: string]: string };
  body?: unknown;
}

export interface RecordedResponse {
  status: number;
  headers: { 'content-type'?: string; warning?: string[]; 'retry-after'?: string };
  body?: unknown;
  match?: 'exact' | 'subset';
  unordered?: boolean | number;
  closed?: boolean;
  events?: WatchedEvent[];
}

export interface WatchedEvent {
  type?: string;
  object?: unknown;
}

export interface WebhookCall {
  path: string;
  request: unknown;
  response: { status: number; body: unknown } | 'none';
}

export interface KubectlResponse {
  exit?: number;
  stdout: string;
  stderr: string;
}

/** All forms of a step in one: which fields are there tells which it is. */
export interface Step {
  note?: string;
  prepare?: boolean;
  status?: number;
  server?: 'compact';
  request?: RecordedRequest;
  response?: RecordedResponse & Partial<KubectlResponse>;
  capture?: { [name: string]: string };
  eventually?: number;
  initial?: number;
  during?: Step[];
  webhookCalls?: WebhookCall[];
  kubectl?: string[];
  stdin?: string;
  files?: { [name: string]: string };
  stopAfterSeconds?: number;
}

/** Steps that are compared, those inside `during` included. */
export function countSteps(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => {
    const own = step.prepare === true || step.server !== undefined ? 0 : 1;
    return sum + own + countSteps(step.during ?? []);
  }, 0);
}
