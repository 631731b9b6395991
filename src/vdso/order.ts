// The order of names that have version numbers in them: 6.5 comes before 6.19, glibc-2.9 before glibc-2.36.

/** Negative, zero or positive as `a` comes before, is or comes after `b`: digits as numbers, everything else by its code. */
export function byVersion(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.match(/\d+|\D/g) ?? []);
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const [x, y] = [left?.[i] ?? '', right?.[i] ?? ''];
    if (x === y) continue;
    const numbers = /^\d/.test(x) && /^\d/.test(y) && Number(x) - Number(y);
    return numbers || (x < y ? -1 : 1);
  }
  return 0;
}
