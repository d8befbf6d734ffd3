/** What the parts of the API server know of each other: objects, kinds, requests. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** `metadata` of any object, as it goes over the wire. */
export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string | null;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: { [key: string]: string };
  annotations?: { [key: string]: string };
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time?: string;
  fieldsType: 'FieldsV1';
  fieldsV1: JsonObject;
  subresource?: string;
}

/** An object as stored and served. Beside these three keys it holds plain JSON. */
export interface ApiObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [key: string]: unknown;
}

/**
 * The shape of a value: what server-side apply, strategic merge patch, strict decoding and OpenAPI need to know.
 * Lists: `atomic` is one value; `set` is merged by element; `map` is merged by `keys`.
 */
export type TypeSchema =
  | { type: 'string' | 'integer' | 'number' | 'boolean'; format?: string; intOrString?: boolean }
  | { type: 'any' }
  | { type: 'object'; fields: { [name: string]: TypeSchema }; atomic?: boolean; preserveUnknown?: boolean }
  | { type: 'map'; values: TypeSchema; atomic?: boolean }
  | {
      type: 'list';
      items: TypeSchema;
      list: 'atomic' | 'set' | 'map';
      keys?: readonly string[];
      /** Values of keys that an element may leave out. */
      keyDefaults?: { readonly [key: string]: Json };
      /** Strategic merge patch: absent means that the list is replaced. */
      patchStrategy?: 'merge' | 'replace' | 'retainKeys';
      patchMergeKey?: string;
    };

/** One cause of a 422. `reason` as in `details.causes[].reason`, e.g. `FieldValueInvalid`. */
export interface FieldError {
  field: string;
  reason: string;
  /** The text after `<field>: `, e.g. `Invalid value: "x": must be ...`. */
  message: string;
}

export interface UserInfo {
  name: string;
  uid?: string;
  groups: readonly string[];
  extra?: { readonly [key: string]: readonly string[] };
}

/** One request while it is handled. */
export interface RequestContext {
  user: UserInfo;
  /** Name for managedFields: the `fieldManager` parameter, else the part of User-Agent before `/`. */
  fieldManager: string;
  fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  dryRun: boolean;
  now(): Date;
  /** Adds a `Warning` header: 299 - "text". */
  warn(text: string): void;
  signal: AbortSignal;
}

export interface TableColumn {
  name: string;
  type: string;
  format: string;
  description: string;
  priority: number;
  /** The cell of this column. */
  cell(object: ApiObject, now: Date): Json;
}

/** What differs between kinds in the path of a write. All functions are pure and may change the object given. */
export interface Strategy {
  /** Fills defaults; runs on create, update and after every patch. */
  setDefaults?(object: ApiObject): void;
  /** Drops what a client may not set on create (status, ...), sets what the server sets. */
  prepareForCreate?(object: ApiObject, context: RequestContext): void;
  /** The same on update of the main resource: keeps `status`, decides `generation` when `old` differs. */
  prepareForUpdate?(object: ApiObject, old: ApiObject, context: RequestContext): void;
  validate?(object: ApiObject, context: RequestContext): FieldError[];
  validateUpdate?(object: ApiObject, old: ApiObject, context: RequestContext): FieldError[];
  /** The same for subresource `status`. */
  prepareForStatusUpdate?(object: ApiObject, old: ApiObject): void;
  validateStatusUpdate?(object: ApiObject, old: ApiObject): FieldError[];
  /** Seconds of grace when the client names none; undefined: deleted at once. Pods have 30. */
  gracePeriodSeconds?(object: ApiObject, requested: number | undefined): number | undefined;
  warnings?(object: ApiObject): string[];
  /** Which names are accepted; absent: `subdomain`. */
  names?: 'subdomain' | 'label' | 'label1035' | 'path';
  /** PUT to a name that is not there creates the object (Service, Lease, Event, Endpoints, Role ...). */
  createOnUpdate?: boolean;
  /** PUT must name a resourceVersion (Deployment and most built-in kinds do not need one; custom resources do). */
  versionRequired?: boolean;
  /** DELETE answers with the object instead of a Status even when it is gone at once (Pod, ServiceAccount ...). */
  returnsDeleted?: boolean;
  /** Finalizers that live outside of metadata (Namespace: spec.finalizers) and hold the object. */
  heldBySpec?(object: ApiObject): boolean;
  /** Runs when deletionTimestamp is set (Namespace: status.phase). */
  beginDeletion?(object: ApiObject): void;
  /** What a DELETE without propagationPolicy does with dependents; absent: background. */
  defaultPropagation?: 'Background' | 'Orphan' | 'Foreground';
}

/** A subresource other than `status`. A PUT or PATCH changes the parent through `write`; a POST is done by `create`. */
export interface Subresource {
  kind: string;
  /** Where its kind is not of the parent's group and version (Scale: autoscaling/v1). */
  group?: string;
  version?: string;
  verbs: readonly string[];
  schema?: TypeSchema;
  /** The parent shown as this subresource; throws ApiError where it cannot be. */
  read?(parent: ApiObject): ApiObject;
  /** The parent as it is after `body` (what `read` gave, changed) was sent. */
  write?(body: ApiObject, parent: ApiObject, context: RequestContext): ApiObject;
  create?(request: SubresourceCreate): Promise<ApiObject>;
  /** What `write` gives is stored as it is: the parent's prepareForUpdate does not run (Namespace: finalize). */
  verbatim?: boolean;
}

export interface SubresourceCreate {
  namespace: string | undefined;
  name: string;
  body: ApiObject;
  /** Query parameters of the request. */
  query: URLSearchParams;
  context: RequestContext;
}

/** A resource that the server answers for: built in or from a CustomResourceDefinition. */
export interface ResourceInfo {
  group: string;
  version: string;
  kind: string;
  listKind: string;
  /** Plural name, as in the path. */
  resource: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
  verbs: readonly string[];
  /** Names of subresources: `status`, `scale`, ... */
  subresources: readonly string[];
  /** Version under which objects are stored. */
  storageVersion: string;
  /** Whether `metadata.generation` counts changes of the spec. */
  generation: boolean;
  schema: TypeSchema;
  strategy: Strategy;
  columns: readonly TableColumn[];
  /** From a CustomResourceDefinition: its list items carry apiVersion and kind, errors name the group ... */
  custom?: boolean;
  /** Where objects are kept when not under their own group and resource (events of events.k8s.io). */
  storedAs?: { group: string; resource: string };
  /** Conversion from and to what is stored, where it is more than another apiVersion. Both return a new object. */
  fromStorage?(object: ApiObject): ApiObject;
  toStorage?(object: ApiObject): ApiObject;
  /** How the subresources named in `subresources` work; `status` needs no entry. */
  subresourceHandlers?: { readonly [name: string]: Subresource };
  /** A kind that is answered and never stored (TokenReview, SubjectAccessReview ...): the whole of POST. */
  virtual?(object: ApiObject, context: RequestContext, namespace: string | undefined): Promise<ApiObject>;
  /** Every answer under this version warns with it. */
  deprecation?: string;
  /** OpenAPI schema (structural, from the CustomResourceDefinition) where it says more than `schema`. */
  openapi?: JsonObject;
  /** Fields other than metadata.name and metadata.namespace that a fieldSelector may name, with their values. */
  selectableFields?: { readonly [field: string]: (object: ApiObject) => string };
}
