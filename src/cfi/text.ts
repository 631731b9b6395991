// Rows in the words of `readelf --debug-dump=frames-interp`: esp+8, exp, c-8, v-4, u, s, vexp.
// SOURCE: readelf's own output. A register without a rule shows as 'u', as its DW_CFA_undefined does.
import { type CfaRule, REGISTER_NAMES, type RegisterRule, type Row } from './types.js';

/** First number and names of the registers beyond the general ones (i386 psABI table 2.14). */
const FURTHER: readonly (readonly [number, readonly string[]])[] = [
  [9, ['eflags']],
  [11, ['st0', 'st1', 'st2', 'st3', 'st4', 'st5', 'st6', 'st7']],
  [21, ['xmm0', 'xmm1', 'xmm2', 'xmm3', 'xmm4', 'xmm5', 'xmm6', 'xmm7']],
  [29, ['mm0', 'mm1', 'mm2', 'mm3', 'mm4', 'mm5', 'mm6', 'mm7']],
  [37, ['fcw', 'fsw', 'mxcsr', 'es', 'cs', 'ss', 'ds', 'fs', 'gs']],
  [48, ['tr', 'ldtr']],
];

const NAMES: ReadonlyMap<number, string> = new Map([
  ...REGISTER_NAMES.entries(),
  ...FURTHER.flatMap(([first, names]) => names.map((name, i) => [first + i, name] as const)),
]);

export function registerName(register: number): string {
  return NAMES.get(register) ?? `r${register}`;
}

const signed = (offset: number): string => `${offset < 0 ? '' : '+'}${offset}`;

export function cfaText(cfa: CfaRule | undefined): string {
  if (cfa === undefined) return 'none';
  return cfa.kind === 'expression' ? 'exp' : `${registerName(cfa.register)}${signed(cfa.offset)}`;
}

export function ruleText(rule: RegisterRule | undefined): string {
  switch (rule?.kind) {
    case undefined:
    case 'undefined':
      return 'u';
    case 'same':
      return 's';
    case 'offset':
      return `c${signed(rule.offset)}`;
    case 'valOffset':
      return `v${signed(rule.offset)}`;
    case 'register':
      return registerName(rule.register);
    case 'expression':
      return 'exp';
    case 'valExpression':
      return 'vexp';
  }
}

/** A whole row: 'esp+8 ebx=c-8 ra=c-4'. */
export function rowText({ cfa, registers }: Row): string {
  const rules = [...registers].map(([register, rule]) => `${registerName(register)}=${ruleText(rule)}`);
  return [cfaText(cfa), ...rules].join(' ');
}
