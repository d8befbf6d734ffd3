declare module 'snappyjs' {
  export function compress(data: Buffer): Buffer;
  export function uncompress(data: Buffer): Buffer;
}

declare module 'seek-bzip' {
  const bzip2: { decode(data: Buffer): Buffer };
  export default bzip2;
}
