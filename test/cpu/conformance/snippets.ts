/**
 * Short i386 code to be run by the machine's own processor and by the emulated one.
 *
 * `undefined` lists the flags that the architecture leaves undefined after it (Intel SDM vol. 2, "Flags Affected"
 * of the instruction), which are therefore not compared.
 */
export interface Snippet {
  /** AT&T syntax; `data` is 256 bytes of memory. */
  readonly code: string;
  /** What the registers hold before: any values, or EBX, ESI, EDI into `data` and ECX small. */
  readonly inputs: 'values' | 'pointers';
  /** Flags, space separated. */
  readonly undefined: string;
  /** Parts of the record in which Unicorn is known to be wrong; see KNOWN_DIFFERENCES. */
  readonly differs?: readonly string[];
}

const ARITHMETIC = 'OF SF ZF AF PF CF';

function snippets(inputs: Snippet['inputs'], undefinedFlags: string, codes: readonly string[]): Snippet[] {
  return codes.map((code) => ({ code, inputs, undefined: undefinedFlags }));
}

const values = (undefinedFlags: string, ...codes: string[]) => snippets('values', undefinedFlags, codes);
const pointers = (undefinedFlags: string, ...codes: string[]) => snippets('pointers', undefinedFlags, codes);

const CONDITIONS = ['o', 'no', 'b', 'ae', 'e', 'ne', 'be', 'a', 's', 'ns', 'p', 'np', 'l', 'ge', 'le', 'g'];

/** Addition and logic in all widths; the carry-in comes from the flags before. */
const ALU = ['add', 'adc', 'sub', 'sbb', 'cmp'].flatMap((op) =>
  values('', `${op}l %ebx,%eax`, `${op}w %cx,%dx`, `${op}b %ah,%bl`, `${op}l $0x7f,%esi`, `${op}b $0x80,%al`),
);
const LOGIC = ['and', 'or', 'xor', 'test'].flatMap((op) =>
  values('AF', `${op}l %ebx,%eax`, `${op}w %cx,%dx`, `${op}b %dh,%cl`, `${op}l $0xff00ff00,%edi`),
);
const UNARY = values(
  '',
  'incl %eax',
  'decl %ebx',
  'incb %ah',
  'decw %dx',
  'negl %ecx',
  'negb %bl',
  'notl %edx',
  'notw %si',
);

/** OF is defined for a count of 1 only; shifts leave AF undefined, rotates do not touch it. */
const SHIFTS = ['shl', 'shr', 'sar'].flatMap((op) => [
  ...values('AF', `${op}l $1,%eax`, `${op}w $1,%bx`, `${op}b $1,%dl`),
  ...values('AF OF', `${op}l $7,%ecx`, `andb $15,%cl; testl %eax,%eax; ${op}l %cl,%eax`, `${op}b $3,%ah`),
]);
const ROTATES = ['rol', 'ror', 'rcl', 'rcr'].flatMap((op) => [
  ...values('', `${op}l $1,%eax`, `${op}b $1,%dh`),
  ...values('OF', `${op}l $5,%edx`, `${op}l %cl,%ebx`, `${op}w $3,%si`),
]);
const DOUBLE_SHIFTS = values(
  'AF OF',
  'shldl $4,%eax,%ebx',
  'shrdl $9,%edx,%esi',
  'andb $31,%cl; testl %eax,%eax; shldl %cl,%eax,%edi',
);

const MULTIPLY = values(
  'SF ZF AF PF',
  ...[
    'mull %ebx',
    'mulw %cx',
    'mulb %dl',
    'imull %ebx',
    'imulb %ah',
    'imull %ecx,%edx',
    'imull $-7,%esi,%edi',
    'imulw $300,%bx,%ax',
  ],
);
const DIVIDE = values(
  ARITHMETIC,
  'orl $0x100,%ebx; andl $0xff,%edx; divl %ebx',
  'orl $0x10000,%ebx; andl $0x7fffffff,%ebx; cltd; idivl %ebx',
  'orb $0x80,%bl; andw $0x3fff,%ax; divb %bl',
  'orw $0x100,%cx; andw $0xff,%dx; divw %cx',
);
const DECIMAL = [
  ...values('OF', 'andb $0x77,%al; daa', 'das'),
  ...values('OF SF ZF PF', 'aaa', 'aas'),
  ...values('OF AF CF', 'aam', 'aad'),
];

const BITS = [
  ...values('OF SF AF PF', 'btl %ecx,%eax', 'btsl $7,%ebx', 'btrl %edx,%esi', 'btcl $31,%edi', 'btw $3,%ax'),
  ...values('OF SF AF PF CF', 'orl $0x800,%ebx; bsfl %ebx,%eax', 'orl $1,%ecx; bsrl %ecx,%edx'),
  ...values(
    '',
    'bswapl %eax',
    'bswapl %edi',
    'xchgl %eax,%esi',
    'xchgb %ah,%bl',
    'xaddl %eax,%ebx',
    'xaddb %cl,%dh',
  ),
  ...values('', 'cmpxchgl %ecx,%edx', 'movl %edx,%eax; cmpxchgl %ecx,%edx', 'cmpxchgb %bl,%ch'),
];

const MOVES = values(
  '',
  ...[
    'movzbl %ah,%ecx',
    'movsbl %bl,%edx',
    'movzwl %si,%eax',
    'movswl %di,%ebx',
    'movsbw %cl,%ax',
    'cwtl',
    'cbtw',
    'cltd',
    'cwtd',
  ],
  ...['leal 5(%eax,%ebx,4),%ecx', 'leal -1(,%edx,8),%esi', 'leaw (%eax,%ecx),%di', 'movb $0x5a,%ch'],
  ...['clc', 'stc', 'cmc', 'lahf', 'sahf', 'std; pushfl; popl %eax; cld'],
);
const CONDITIONAL = CONDITIONS.flatMap((c) =>
  values('', `set${c} %al; set${c} %bh`, `cmov${c}l %ebx,%ecx; j${c} 1f; incl %edx; 1:`),
);

const STRINGS = pointers(
  '',
  ...[
    'cld; movsb',
    'cld; movsl',
    'std; movsw',
    'cld; lodsb',
    'std; lodsl',
    'cld; stosl',
    'std; stosb',
    'cld; scasb',
    'cld; cmpsl',
  ],
  ...[
    'cld; rep movsb',
    'cld; rep movsl',
    'std; rep movsl',
    'cld; rep stosw',
    'std; rep stosb',
    'cld; rep lodsb',
  ],
  ...[
    'cld; repe cmpsb',
    'cld; repne scasb',
    'std; repne scasl',
    'cld; repne cmpsw',
    'cld; movl %esi,%edi; repe cmpsl',
  ],
  ...['cld; incl %edi; rep movsw', 'cld; leal 1(%esi),%edi; rep movsb', 'xlatb'],
);

const MEMORY = [
  ...pointers(
    '',
    'addl %eax,(%ebx)',
    'adcb %dl,3(%ebx)',
    'subw %ax,-4(%edi)',
    'incl 8(%ebx)',
    'negl (%esi)',
    'notb (%esi)',
  ),
  ...pointers(
    '',
    'xchgl %eax,(%ebx)',
    'lock xaddl %eax,(%ebx)',
    'lock incl (%edi)',
    'lock addl $5,1(%ebx)',
    'lock decb (%ebx)',
  ),
  ...pointers(
    '',
    'lock cmpxchgl %ecx,(%ebx)',
    'movl (%ebx),%eax; lock cmpxchgl %ecx,(%ebx)',
    'movl 2(%ebx),%edx',
  ),
  ...pointers(
    '',
    'movl (%ebx),%eax; movl 4(%ebx),%edx; lock cmpxchg8b (%ebx)',
    'cmpxchg8b 8(%ebx)',
    'movw %gs,(%ebx)',
  ),
  ...pointers('OF SF AF PF', 'btsl %ecx,(%ebx)', 'lock btrl $3,(%ebx)', 'movl $-40,%eax; btcl %eax,(%ebx)'),
  ...pointers('AF', 'shll $1,(%ebx)', 'andl $0xf0f0,(%edi)', 'lock orb $0x81,(%ebx)'),
];

const STACK = [
  ...pointers(
    '',
    'pushl %eax; pushl %ebx; popl %ecx',
    'pushw %ax',
    'pushl $-3',
    'pushl (%ebx)',
    'popl (%ebx)',
    'pushl %esp',
  ),
  ...pointers(
    '',
    'popl %esp',
    'pushal',
    'pushal; popal',
    'pushaw',
    'pushfl; popl %eax',
    'pushfw',
    'pushl %ebp; movl %esp,%ebp; leave',
  ),
  ...pointers(
    '',
    'enter $16,$0',
    'enter $8,$0; leave',
    'movl %esp,%ebp; enter $4,$2',
    'pushl $0x246; popfl',
    'pushl $0x8d7; popfl',
  ),
  ...pointers(
    '',
    'call 1f; 1: popl %eax',
    'call 1f; jmp 2f; 1: ret; 2:',
    'pushl $5; call 1f; jmp 2f; 1: ret $4; 2:',
    'movl $1f,%eax; call *%eax; 1:',
  ),
  ...pointers(
    '',
    'movl $1f,(%ebx); jmp *(%ebx); incl %eax; 1:',
    'incl %ecx; 1: incl %eax; loop 1b',
    'incl %ecx; 1: cmpl %eax,%edx; loopne 1b',
    'jecxz 1f; incl %eax; 1:',
    'pushl $1f; ret; 1:',
  ),
  ...pointers(
    '',
    'pushl %ds; popl %eax',
    'pushl %cs; popl %eax',
    'pushl $0x247; popfl; pushfl; popl %edx',
    'pushl $0x40202; popfl; pushfl; popl %edx',
  ),
];

/** Selectors are the kernel's: the same ones are used by the emulated CPU. */
const SEGMENTS = [
  ...values('', 'movl %cs,%eax', 'movl %ds,%ebx', 'movw %ss,%cx', 'movl %fs,%edx', 'movl %gs,%esi'),
  ...values(
    '',
    'movl %ds,%eax; movl %eax,%fs; movl %fs,%ebx; movl %fs:data,%ecx; xorl %eax,%eax; movl %eax,%fs',
  ),
  ...values(
    '',
    'pushl %ds; popl %es; movl %es:data,%eax',
    'movl %ss,%eax; movl %eax,%ss; movl %ss,%edx',
    'movl %ds,%eax; verr %ax',
    'xorl %eax,%eax; verr %ax',
    'movl %ds,%eax; larl %eax,%ebx; andl $0xff00,%ebx',
    'movl %ds,%eax; lsll %eax,%ebx',
  ),
];

/** `doubles`, `singles`, `extended` and `integers` are in `data`. */
const X87 = values(
  '',
  ...[
    'fld1',
    'fldz',
    'fldpi',
    'fldl2e',
    'fldln2',
    'fldl2t',
    'fldlg2',
    'fld1; fchs',
    'fldpi; fchs; fabs',
    'fld1; fldz; fxch',
    'fldl doubles',
  ],
  ...[
    'flds singles',
    'fldt extended',
    'fildl integers',
    'filds integers',
    'fildll integers',
    'fld1; fldpi; faddp',
    'fldl doubles; faddl doubles+8',
  ],
  ...[
    'fldl doubles; fmull doubles+8',
    'fldl doubles; fdivl doubles+8',
    'fldl doubles; fsubrl doubles+8',
    'fldpi; fsqrt',
    'fldl doubles+8; frndint',
  ],
  ...[
    'fldpi; fstpl data',
    'fldpi; fstps data',
    'fldpi; fstpt data',
    'fldl doubles+8; fistpl data',
    'fldpi; fistpll data',
    'fldl doubles; fistps data',
  ],
  ...[
    'fld1; fldpi; fscale',
    'fldpi; fxtract',
    'fldpi; fld1; fdivrp',
    'fld1; fld %st(0); fsub %st,%st(1)',
    'fldl doubles; fisttpl data',
  ],
  ...[
    'fld1; fldpi; ffree %st(1)',
    'fld1; fincstp',
    'fld1; fdecstp',
    'fnstcw data',
    'fld1; fnstsw %ax',
    'movw $0x27f,data; fldcw data; fldpi; fld1; fdivp',
  ],
  ...[
    'movw $0xf7f,data; fldcw data; fldl doubles+8; frndint',
    'fld1; fldpi; fnclex',
    'emms',
    'fldpi; fldl doubles; fmulp',
  ],
  ...[
    'fbld decimal',
    'fldl doubles; fbstp data',
    'fninit',
    'fld1; fldz; fcmovb %st(1),%st',
    'fld1; fldz; fcmovne %st(1),%st',
  ],
);
const X87_COMPARE = values(
  '',
  ...['fldz; ftst; fnstsw %ax', 'fldpi; fxam; fnstsw %ax', 'fld1; fldpi; fcompp; fnstsw %ax'],
);

const SSE = values(
  '',
  ...[
    'movups data,%xmm0',
    'movaps data,%xmm1; movups %xmm1,data+33',
    'movss singles,%xmm2',
    'movsd doubles,%xmm3',
    'movd %eax,%xmm4',
    'movd %xmm5,%ecx',
  ],
  ...[
    'movq doubles,%xmm6',
    'movhlps %xmm1,%xmm2',
    'movmskps %xmm3,%eax',
    'movmskpd %xmm4,%ebx',
    'pmovmskb %xmm5,%edx',
    'addps %xmm1,%xmm2',
    'subps %xmm6,%xmm7',
  ],
  ...[
    'mulps %xmm1,%xmm6',
    'divps %xmm6,%xmm7',
    'sqrtps %xmm6,%xmm0',
    'addsd doubles,%xmm7',
    'mulsd doubles+8,%xmm7',
    'divsd doubles,%xmm6',
    'sqrtsd doubles,%xmm1',
  ],
  ...[
    'minps %xmm6,%xmm7',
    'maxpd %xmm6,%xmm7',
    'andps %xmm0,%xmm1',
    'andnpd %xmm2,%xmm3',
    'orps %xmm4,%xmm5',
    'xorps %xmm5,%xmm5',
    'pxor %xmm1,%xmm0',
  ],
  ...[
    'cvtsi2sdl %eax,%xmm0',
    'cvtsi2ssl %ebx,%xmm1',
    'cvttsd2si doubles,%eax',
    'cvtsd2si doubles+8,%ecx',
    'cvtss2sd singles,%xmm2',
    'cvtsd2ss doubles,%xmm3',
    'cvtdq2ps data,%xmm4',
  ],
  ...[
    'paddb %xmm0,%xmm1',
    'paddusw %xmm2,%xmm3',
    'psubd %xmm4,%xmm5',
    'paddq %xmm0,%xmm5',
    'pmullw %xmm0,%xmm1',
    'pmuludq %xmm2,%xmm3',
    'pmaddwd %xmm1,%xmm2',
  ],
  ...[
    'pcmpeqb %xmm0,%xmm0',
    'pcmpgtd %xmm1,%xmm2',
    'psllw $3,%xmm0',
    'psrldq $5,%xmm1',
    'psraw $2,%xmm2',
    'psllq $40,%xmm3',
    'pshufd $0x1b,%xmm4,%xmm5',
  ],
  ...[
    'punpcklbw %xmm0,%xmm1',
    'packuswb %xmm2,%xmm3',
    'unpckhps %xmm4,%xmm5',
    'shufps $0x72,%xmm1,%xmm2',
    'pavgb %xmm1,%xmm3',
    'psadbw %xmm2,%xmm4',
    'pminub %xmm3,%xmm5',
  ],
  ...[
    'cmpps $1,%xmm6,%xmm7',
    'cmpsd $2,doubles,%xmm6',
    'movntdq %xmm0,data',
    'stmxcsr data',
    'pinsrw $3,%eax,%xmm1',
    'pextrw $5,%xmm2,%ecx',
    'movq %xmm1,data',
  ],
  ...['mfence; lfence; sfence', 'prefetcht0 data', 'pause', 'clflush data'],
);
const SSE_COMPARE = values(
  '',
  'comiss %xmm6,%xmm7',
  'ucomisd doubles,%xmm7',
  'movsd doubles,%xmm0; comisd doubles,%xmm0',
);

/**
 * Where Unicorn 2.0.1 differs from hardware, found by this very comparison. (It also never sets the sticky exception
 * flags of FSW and MXCSR nor C1, which is left out of every comparison.)
 */
const KNOWN_DIFFERENCES: readonly Snippet[] = [
  // Computed in double precision: the lowest bits of the mantissa are lost.
  { code: 'fld1; fldpi; fprem', inputs: 'values', undefined: '', differs: ['st0'] },
  // Hardware clears OF, SF and AF; Unicorn leaves them.
  ...['fld1; fldpi; fcomi', 'fldpi; fld1; fucomi', 'fld1; fld1; fcomip'].map(
    (code): Snippet => ({ code, inputs: 'values', undefined: '', differs: ['eflags'] }),
  ),
  // Reserved halves of the image, and the last instruction's opcode and pointers.
  { code: 'fld1; fnsave data; frstor data', inputs: 'values', undefined: '', differs: ['data'] },
  // Writing an MMX register sets the sign and exponent of the x87 register to ones; Unicorn leaves them.
  ...[
    'movq doubles,%mm0; paddb doubles+8,%mm0; movq %mm0,data; emms',
    'movdq2q %xmm1,%mm1; movq2dq %mm1,%xmm5; emms',
  ].map((code): Snippet => ({ code, inputs: 'values', undefined: '', differs: ['st0', 'st1'] })),
];

export const SNIPPETS: readonly Snippet[] = [
  ...ALU,
  ...LOGIC,
  ...UNARY,
  ...SHIFTS,
  ...ROTATES,
  ...DOUBLE_SHIFTS,
  ...MULTIPLY,
  ...DIVIDE,
  ...DECIMAL,
  ...BITS,
  ...MOVES,
  ...CONDITIONAL,
  ...STRINGS,
  ...MEMORY,
  ...STACK,
  ...SEGMENTS,
  ...X87,
  ...X87_COMPARE,
  ...SSE,
  ...SSE_COMPARE,
  ...KNOWN_DIFFERENCES,
];
