/** Which of the forms that an Accept header allows is sent. */

import { ApiError } from '../registry/errors.ts';

export type Transform = 'none' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

export interface Representation {
  format: 'json' | 'yaml';
  as: Transform;
  /** Version of meta.k8s.io for `as`. */
  asVersion: string;
}

interface Clause {
  type: string;
  parameters: Map<string, string>;
  quality: number;
}

export function parseAccept(header: string | undefined): Clause[] {
  const clauses = (header ?? '*/*').split(',').flatMap((text) => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim());
    if (type === '') return [];
    const parameters = new Map(
      rest.map((part) => {
        const equals = part.indexOf('=');
        return equals < 0 ? ([part, ''] as const) : ([part.slice(0, equals), part.slice(equals + 1)] as const);
      }),
    );
    const quality = Number(parameters.get('q') ?? '1');
    return [{ type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality }];
  });
  return clauses.sort((a, b) => b.quality - a.quality);
}

const FORMATS: { readonly [type: string]: Representation['format'] } = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  '*/*': 'json',
  'application/*': 'json',
};

const PLAIN = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const STREAMS = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';

export function notAcceptable(): ApiError {
  return new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${PLAIN}`);
}

/** `streams`: the address can be watched, which the refusal mentions. */
export function negotiate(header: string | undefined, streams = false): Representation {
  const clauses = parseAccept(header);
  let known = false;
  for (const clause of clauses) {
    const format = FORMATS[clause.type];
    if (format === undefined) continue;
    known = true;
    const transform = transformOf(clause);
    if (transform !== undefined) return { format, ...transform };
  }
  if (known) throw notAcceptable();
  const available = streams ? `${PLAIN}, ${STREAMS}` : PLAIN;
  throw new ApiError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${available}`, {});
}

/** undefined: the clause asks for something that there is not. */
function transformOf({ parameters }: Clause): Pick<Representation, 'as' | 'asVersion'> | undefined {
  const as = parameters.get('as');
  if (as === undefined) return { as: 'none', asVersion: '' };
  const version = parameters.get('v') ?? '';
  if (parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (as !== 'Table' && as !== 'PartialObjectMetadata' && as !== 'PartialObjectMetadataList') return undefined;
  return { as, asVersion: version };
}
