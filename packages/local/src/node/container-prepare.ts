/** What a container needs before it can start: its image and its environment. */
import { messageOf } from '../runtime/api.ts';
import { sleep } from '../runtime/time.ts';
import { pullDelay } from './backoff.ts';
import { type ContainerScope, setWaiting, tell } from './container-scope.ts';
import { buildEnvironment, ContainerConfigError } from './environment.ts';
import { type Image, ImagePullError } from './image.ts';

const CONFIG_RETRY_MS = 250;
/** How long ErrImagePull is shown before ImagePullBackOff. */
const ERROR_SHOWN_MS = 1000;

/** The image, however long it takes; undefined when the container is stopped meanwhile. */
export async function pullImage(scope: ContainerScope): Promise<Image | undefined> {
  const { container, context, facts, stopping } = scope;
  const reference = container.image ?? '';
  for (let failures = 0; !stopping.signal.aborted; failures++) {
    const known = failures === 0 && facts.imageID !== '';
    try {
      if (!known) tell(scope, 'Normal', 'Pulling', `Pulling image "${reference}"`);
      const image = await context.images.pull(reference, stopping.signal);
      const message = known
        ? `Container image "${reference}" already present on machine`
        : `Successfully pulled image "${reference}"`;
      tell(scope, 'Normal', 'Pulled', message);
      return image;
    } catch (error) {
      if (stopping.signal.aborted) return undefined;
      if (!(error instanceof ImagePullError)) context.log(`pull of ${reference} failed: ${messageOf(error)}`);
      await waitForNextPull(scope, reference, messageOf(error), failures);
    }
  }
  return undefined;
}

async function waitForNextPull(
  scope: ContainerScope,
  reference: string,
  message: string,
  failures: number,
): Promise<void> {
  const { signal } = scope.stopping;
  tell(scope, 'Warning', 'Failed', `Failed to pull image "${reference}": ${message}`);
  tell(scope, 'Warning', 'Failed', 'Error: ErrImagePull');
  setWaiting(scope, 'ErrImagePull', message);
  await sleep(ERROR_SHOWN_MS, signal);
  if (signal.aborted) return;
  tell(scope, 'Normal', 'BackOff', `Back-off pulling image "${reference}"`);
  setWaiting(scope, 'ImagePullBackOff', `Back-off pulling image "${reference}": ErrImagePull: ${message}`);
  await sleep(pullDelay(failures), signal);
}

/** The environment, as soon as all it refers to is there; undefined when the container is stopped meanwhile. */
export async function awaitEnvironment(
  scope: ContainerScope,
  image: Image,
): Promise<Record<string, string> | undefined> {
  for (let tries = 0; !scope.stopping.signal.aborted; tries++) {
    try {
      return environmentOf(scope, image);
    } catch (error) {
      if (!(error instanceof ContainerConfigError)) throw error;
      if (tries === 0) tell(scope, 'Warning', 'Failed', `Error: ${error.message}`);
      setWaiting(scope, 'CreateContainerConfigError', error.message);
      await sleep(CONFIG_RETRY_MS, scope.stopping.signal);
    }
  }
  return undefined;
}

function environmentOf(
  { context, container, pod, placement, sandbox }: ContainerScope,
  image: Image,
): Record<string, string> {
  const namespace = pod().metadata.namespace ?? '';
  return buildEnvironment({
    pod: pod(),
    container,
    image,
    placement,
    sandbox,
    hostsFile: context.layout.hostsFile,
    apiServer: context.apiServer,
    hostPath: context.hostPath,
    machine: context.machine,
    secret: (name) => context.secrets.get({ namespace, name }),
    configMap: (name) => context.configMaps.get({ namespace, name }),
  });
}
