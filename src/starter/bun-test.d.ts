// The part of bun:test that the tests of handlers use, for editors without @types/bun; where that
// is installed, it goes before this. tsconfig.json points here. All of bun:test:
// https://bun.com/docs/test

type Body = (() => unknown) | ((done: (error?: unknown) => void) => unknown);
type TestOptions = number | { timeout?: number; retry?: number; repeats?: number };

interface Test {
  (name: string, body: Body, options?: TestOptions): void;
  only(name: string, body: Body, options?: TestOptions): void;
  skip(name: string, body: Body, options?: TestOptions): void;
  todo(name: string, body?: Body, options?: TestOptions): void;
  failing(name: string, body: Body, options?: TestOptions): void;
  if(condition: unknown): Test;
  skipIf(condition: unknown): Test;
  todoIf(condition: unknown): Test;
  each<const Row extends readonly unknown[]>(
    rows: readonly Row[],
  ): (name: string, body: (...row: [...Row]) => unknown, options?: TestOptions) => void;
  each<Row>(
    rows: readonly Row[],
  ): (name: string, body: (row: Row) => unknown, options?: TestOptions) => void;
}

interface Describe {
  (name: string, body: () => void): void;
  only(name: string, body: () => void): void;
  skip(name: string, body: () => void): void;
  todo(name: string, body?: () => void): void;
  if(condition: unknown): Describe;
  skipIf(condition: unknown): Describe;
  each<const Row extends readonly unknown[]>(
    rows: readonly Row[],
  ): (name: string, body: (...row: [...Row]) => void) => void;
  each<Row>(rows: readonly Row[]): (name: string, body: (row: Row) => void) => void;
}

interface Matchers<Result = void> {
  readonly not: Matchers<Result>;
  readonly resolves: Matchers<Promise<void>>;
  readonly rejects: Matchers<Promise<void>>;
  toBe(expected: unknown): Result;
  toEqual(expected: unknown): Result;
  toStrictEqual(expected: unknown): Result;
  toMatchObject(expected: object): Result;
  toBeCloseTo(expected: number, digits?: number): Result;
  toBeDefined(): Result;
  toBeEmpty(): Result;
  toBeFalse(): Result;
  toBeFalsy(): Result;
  toBeGreaterThan(expected: number | bigint): Result;
  toBeGreaterThanOrEqual(expected: number | bigint): Result;
  toBeInstanceOf(expected: unknown): Result;
  toBeLessThan(expected: number | bigint): Result;
  toBeLessThanOrEqual(expected: number | bigint): Result;
  toBeNaN(): Result;
  toBeNull(): Result;
  toBeOneOf(expected: Iterable<unknown>): Result;
  toBeTrue(): Result;
  toBeTruthy(): Result;
  toBeTypeOf(expected: string): Result;
  toBeUndefined(): Result;
  toBeWithin(start: number, end: number): Result;
  toContain(expected: unknown): Result;
  toContainEqual(expected: unknown): Result;
  toContainKey(expected: PropertyKey): Result;
  toEndWith(expected: string): Result;
  toHaveBeenCalled(): Result;
  toHaveBeenCalledTimes(expected: number): Result;
  toHaveBeenCalledWith(...expected: unknown[]): Result;
  toHaveLength(expected: number): Result;
  toHaveProperty(path: string | readonly (string | number)[], value?: unknown): Result;
  toMatch(expected: string | RegExp): Result;
  toMatchInlineSnapshot(expected?: string): Result;
  toMatchSnapshot(name?: string): Result;
  toSatisfy(predicate: (value: never) => boolean): Result;
  toStartWith(expected: string): Result;
  toThrow(expected?: unknown): Result;
}

interface Expect {
  (value: unknown, message?: string): Matchers;
  anything(): unknown;
  any(type: unknown): unknown;
  arrayContaining(values: readonly unknown[]): unknown;
  closeTo(value: number, digits?: number): unknown;
  objectContaining(value: object): unknown;
  stringContaining(text: string): unknown;
  stringMatching(pattern: string | RegExp): unknown;
  assertions(count: number): void;
  hasAssertions(): void;
  unreachable(message?: string): never;
}

type Mock<Call extends (...args: never[]) => unknown> = Call & {
  readonly mock: { readonly calls: readonly Parameters<Call>[] };
  mockClear(): void;
  mockReset(): void;
  mockImplementation(call: Call): Mock<Call>;
  mockReturnValue(value: ReturnType<Call>): Mock<Call>;
};

export declare const test: Test;
export declare const it: Test;
export declare const describe: Describe;
export declare const expect: Expect;
export declare function mock<Call extends (...args: never[]) => unknown>(call: Call): Mock<Call>;
export declare function beforeAll(body: Body): void;
export declare function beforeEach(body: Body): void;
export declare function afterEach(body: Body): void;
export declare function afterAll(body: Body): void;
export declare function setSystemTime(now?: Date | number): void;
export declare function setDefaultTimeout(milliseconds: number): void;
