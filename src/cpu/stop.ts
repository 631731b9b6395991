/** Why the CPU came back to us. EIP is exact in every case (see the table in docs of Cpu.run). */
export type Stop =
  /** The given number of instructions was executed. */
  | { readonly kind: 'limit' }
  /** `int n`, `int3` (vector 3), `into` (vector 4): EIP is after the instruction. */
  | { readonly kind: 'trap'; readonly vector: number }
  /** `sysenter` or `syscall` was executed: EIP is after the instruction. */
  | { readonly kind: 'sysenter' }
  | { readonly kind: 'syscall' }
  /** #UD: EIP is at the instruction. */
  | { readonly kind: 'invalid-opcode' }
  /** Any other CPU exception (0 #DE, 5 #BR, 12 #SS, 13 #GP, ...): EIP is at the instruction. */
  | { readonly kind: 'exception'; readonly vector: number }
  /** A page that is absent, or present without the permission asked for; `address` is what CR2 would hold. */
  | {
      readonly kind: 'fault';
      readonly access: 'read' | 'write' | 'fetch';
      readonly address: number;
      readonly present: boolean;
    }
  /** TF was set: #DB after one instruction, EIP is the next one. */
  | { readonly kind: 'single-step' };
