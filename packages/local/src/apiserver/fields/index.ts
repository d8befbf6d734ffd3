/** Field management: ownership, server-side apply, unknown fields. */

export { serverSideApply } from './apply.ts';
export { OBJECT_META } from './meta.ts';
export { strictDecodingErrors } from './strict.ts';
export { trackUpdate } from './update.ts';
