/** Streams into pods as they are answered while no node is there. */
import type { ServerResponse } from 'node:http';
import { ApiError, badRequest, notFound } from '../../registry/errors.ts';
import type { StreamingBackend, StreamTarget } from '../../registry/hooks.ts';
import { record, text } from '../columns/format.ts';
import { containerNames } from '../strategies/pod-defaults.ts';

export const withoutNode: StreamingBackend = {
  request(target, _request, response) {
    if (target.subresource === 'log' && target.parent !== undefined) return answerLog(target, response);
    return Promise.reject(noNode());
  },
  upgrade: () => Promise.reject(noNode()),
};

function noNode(): ApiError {
  return new ApiError(503, 'ServiceUnavailable', 'no node is there to do this: the server runs without one');
}

/** A pod that is on no node has no log yet. */
async function answerLog({ name, parent, query }: StreamTarget, response: ServerResponse): Promise<void> {
  const spec = record(parent?.spec);
  const container = query.get('container');
  if (container !== null && !containerNames(spec).includes(container)) {
    throw badRequest(`container ${container} is not valid for pod ${name}`);
  }
  const node = text(spec.nodeName);
  if (node !== '') throw notFound({ group: '', resource: 'pods' }, node);
  response.writeHead(204);
  response.end();
}
