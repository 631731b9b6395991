// What calls do that the call itself does not show: thunks that load EBX or another register with the program counter,
// callees that pop their arguments, callees that never return.
// SOURCE: i386 psABI (a function that returns a structure pops its hidden argument), GCC's __x86.get_pc_thunk.*.
import type { CodeSpace, Target } from './code.js';
import { type CheckedFunction, functionAt } from './functions.js';
import { thunkRegister } from './thunks.js';

/** Functions that C declares as not returning, and what the C libraries call in their place. */
const NO_RETURN: ReadonlySet<string> = new Set([
  'abort',
  '__GI_abort',
  'exit',
  '__GI_exit',
  '_exit',
  '_Exit',
  '__GI__exit',
  'quick_exit',
  'pthread_exit',
  '__pthread_exit',
  '__GI___pthread_exit',
  '__do_cancel',
  '__pthread_unwind',
  '__pthread_unwind_next',
  '__GI___pthread_unwind',
  '__GI___pthread_unwind_next',
  'longjmp',
  '_longjmp',
  'siglongjmp',
  '__longjmp',
  '____longjmp_chk',
  '__libc_longjmp',
  '__libc_siglongjmp',
  '_Unwind_Resume',
  '__libc_unwind_link_get_fail',
  '__stack_chk_fail',
  '__stack_chk_fail_local',
  '__fortify_fail',
  '__GI___fortify_fail',
  '__chk_fail',
  '__GI___chk_fail',
  '__assert_fail',
  '__GI___assert_fail',
  '__assert_perror_fail',
  '__GI___assert_perror_fail',
  '__assert',
  '__libc_fatal',
  '__GI___libc_fatal',
  '__libc_assert_fail',
  '__libc_start_call_main',
  '_dl_fatal_printf',
  '_dl_signal_error',
  '_dl_signal_exception',
  '_dl_allocate_tls_fail',
  '_dl_exit',
  'malloc_printerr',
  '__malloc_assert',
  '__libc_dynarray_at_failure',
  '__libc_alloca_cutoff_fail',
  'gcc_unreachable',
  '__libc_alloc_buffer_create_failure',
  '__gconv_unreachable',
  '__explicit_bzero_chk_fail',
  'svc_exit_fail',
  '__readonly_area_fail',
  'fancy_abort',
  '__cxa_throw',
  '__cxa_rethrow',
  '__cxa_bad_cast',
  '_ZSt9terminatev',
  'err',
  'errx',
  'verr',
  'verrx',
  'thrd_exit',
  '__libc_early_fail',
  '_dl_start_user',
  '__pthread_exit_internal',
  '_startup_fatal',
  '_startup_fatal_not_constant',
  '_dl_reloc_bad_type',
  '_dl_call_libc_early_init_fail',
  '__libc_message_impl',
]);

export interface Callee {
  readonly returns: boolean | undefined;
  /** Registers it changes besides EAX, ECX and EDX. */
  readonly clobbers: readonly number[];
  /** Bytes of arguments it pops; undefined when its code cannot be seen. */
  readonly pops: number | undefined;
}

const UNKNOWN_CALLEE: Callee = { returns: undefined, clobbers: [], pops: undefined };
const NO_BYTES = new Uint8Array(0);

export class Callees {
  readonly #code: CodeSpace;
  readonly #functions: readonly CheckedFunction[];
  readonly #pops = new Map<CheckedFunction, number | undefined>();

  constructor(code: CodeSpace, functions: readonly CheckedFunction[]) {
    this.#code = code;
    this.#functions = functions;
  }

  /** What all returns of a function pop; undefined when they differ or there is none. */
  #popsOf(callee: CheckedFunction): number | undefined {
    if (this.#pops.has(callee)) return this.#pops.get(callee);
    const seen = new Set<number>();
    let tail = false;
    for (let at = callee.start; at < callee.end; ) {
      const decoded = this.#code.at(at);
      if (decoded === null) break;
      const { flow, length } = decoded;
      if (flow.kind === 'return') seen.add(flow.pops);
      if (flow.kind === 'jump' && (flow.target < callee.start || flow.target >= callee.end)) tail = true;
      at += length;
    }
    const [only] = [...seen];
    const pops = seen.size === 1 && !tail ? only : undefined;
    this.#pops.set(callee, pops);
    return pops;
  }

  of(target: Target): Callee {
    const { name } = target;
    const bytes = target.kind === 'address' ? this.#code.bytesAt(target.address, 4) : NO_BYTES;
    const thunk = thunkRegister(name, bytes);
    if (thunk !== undefined) return { returns: true, clobbers: [thunk], pops: 0 };
    const callee = target.kind === 'address' ? functionAt(this.#functions, target.address) : undefined;
    const known =
      name ??
      (callee !== undefined && target.kind === 'address' && callee.start === target.address
        ? callee.name
        : undefined);
    if (known !== undefined && NO_RETURN.has(known.replace(/@.*$/, '')))
      return { returns: false, clobbers: [], pops: 0 };
    if (callee === undefined) return UNKNOWN_CALLEE;
    return { returns: undefined, clobbers: [], pops: this.#popsOf(callee) };
  }
}
