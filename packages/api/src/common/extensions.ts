import { imageVolumeSource } from '../kubernetes/index.ts';
import { array, as, object, required, type Static, string } from '../schema/nodes.ts';

const folders = (description: string) => array(string(), description);

const variable = object('An environment variable of PostgreSQL.', {
  name: required(string('Name of the variable.', { minLength: 1, pattern: '^[a-zA-Z_][a-zA-Z0-9_]*$' })),
  value: required(
    string('Its value. The placeholder image_root stands for the folder of the extension.', { minLength: 1 }),
  ),
});

export const extension = object('An extension that comes in an image of its own, mounted beside PostgreSQL.', {
  bin_path: folders('Folders of the image with programs.'),
  dynamic_library_path: folders('Folders of the image with modules. Empty: lib.'),
  env: array(variable, 'Environment variables that the extension needs.', { listType: 'map', listMapKeys: ['name'] }),
  extension_control_path: folders('Folders of the image with control files. Empty: share.'),
  image: as(imageVolumeSource, 'The image; not needed when an image catalog names it.'),
  ld_library_path: folders('Folders of the image with shared libraries.'),
  name: required(
    string('Name of the extension, unique in the list.', {
      minLength: 1,
      maxLength: 59,
      pattern: '^[a-z0-9]([-a-z0-9_]*[a-z0-9])?$',
    }),
  ),
});
export type Extension = Static<typeof extension>;

/** A list of extensions, told apart by name. */
export const extensions = array(extension, 'Extensions that come in images of their own.', {
  listType: 'map',
  listMapKeys: ['name'],
});
