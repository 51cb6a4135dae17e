// What handlers may use of the runtime without a declaration of it installed: `Buffer`, which is in
// messages, and the environment. Each is written so that it merges with @types/node and @types/bun
// when they are there.

declare global {
  interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike>
    extends Uint8Array<TArrayBuffer> {
    toString(encoding?: string, start?: number, end?: number): string;
    equals(other: Uint8Array): boolean;
  }

  interface BufferConstructor {
    from(text: string, encoding?: string): Buffer<ArrayBuffer>;
    from(bytes: ArrayLike<number>): Buffer<ArrayBuffer>;
    alloc(size: number): Buffer<ArrayBuffer>;
    concat(list: readonly Uint8Array[]): Buffer<ArrayBuffer>;
    byteLength(text: string, encoding?: string): number;
    isBuffer(value: unknown): value is Buffer;
  }

  var Buffer: BufferConstructor;

  namespace NodeJS {
    interface ProcessEnv {
      [name: string]: string | undefined;
    }
    interface Process {
      env: ProcessEnv;
    }
  }

  var process: NodeJS.Process;
}

export {};
