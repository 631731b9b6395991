// The frames that handlers are given: read as they are built, and changed where a case says so, as the handler would.
import type { Event } from '../../kernel/history.js';
import { SIGINFO_SIZE } from '../../kernel/siginfo.js';
import { rtSigframe, type SigcontextField, sigcontext, sigframe } from '../../kernel/signal/layout.js';
import type { World } from '../../world/world.js';
import { type Edit, SA_SIGINFO } from './case.js';
import type { Fact } from './outcome.js';

type Delivered = Extract<Event, { kind: 'deliver' }>;

/** What every form shows of an interrupted call, wherever the signal struck. */
const ALWAYS: readonly SigcontextField[] = ['eax', 'ebx', 'esi', 'edi', 'oldmask'];
/** And these when it struck in the kernel: the entry has put the arguments where they belong. */
const IN_KERNEL: readonly SigcontextField[] = ['ecx', 'edx', 'ebp', 'eflags'];

export class FrameReader {
  /** Instructions of handlers so far, in this call. */
  instructions = 0;
  /** A context was changed in this case: registers need not be what they were. */
  edited = false;
  private next: Edit | null = null;

  constructor(private readonly world: World) {}

  begin(): void {
    this.instructions = 0;
  }

  editNext(edit: Edit): void {
    this.next = edit;
  }

  /** `nested`: struck in another handler, which has pointers into its own frame in ecx and edx. */
  delivered(event: Delivered, nested: boolean): Fact[] {
    const rt = ((event.flags ?? 0) & SA_SIGINFO) !== 0;
    const context = event.frame + (rt ? rtSigframe.context : sigframe.context);
    const { cpu } = this.world;
    const facts: Fact[] = [
      { name: 'handler', value: event.sig },
      { name: 'si_code', value: event.info.code },
      { name: 'siginfo', value: rt ? this.infoIn(event.frame) : '' },
      { name: 'orig_eax', value: event.context.origEax },
    ];
    const fields = event.context.origEax === -1 || nested ? ALWAYS : [...ALWAYS, ...IN_KERNEL];
    for (const field of fields) {
      facts.push({
        name: `${field} in the frame`,
        value: cpu.readU32(context + sigcontext[field].at) ?? 'unreadable',
      });
    }
    // A handler that changes another handler's context is on its own.
    if (this.next !== null && !nested)
      this.edit(this.next, context, rt ? event.frame + rtSigframe.sigmask : null);
    return facts;
  }

  /** The copy that the handler was given. */
  private infoIn(frame: number): string {
    const bytes = this.world.cpu.view(frame + rtSigframe.info, SIGINFO_SIZE);
    return bytes === null ? 'unreadable' : Buffer.from(bytes).toString('latin1');
  }

  private edit({ field, value }: Edit, context: number, sigmask: number | null): void {
    const { cpu } = this.world;
    const at = field === 'oldmask' && sigmask !== null ? sigmask : context + sigcontext[field].at;
    cpu.writeU32(at, value);
    this.edited = true;
    this.next = null;
  }
}
