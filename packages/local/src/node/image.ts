/** What the node asks of whoever knows images. */
export interface Image {
  readonly reference: string;
  /** Directories put before the host's PATH. */
  readonly path: readonly string[];
  /** Files of the image by their path in the container. */
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
}

export interface ImageCatalogue {
  /** Throws ImagePullError when the image cannot be had. */
  pull(reference: string, signal: AbortSignal): Promise<Image>;
}

export class ImagePullError extends Error {
  override readonly name = 'ImagePullError';
}
